/** Server-sent events by fetch, which unlike EventSource can show a token. Comes again when the connection ends. */

const RETRY_MS = [1000, 2000, 5000, 10_000];
/** No event is larger. */
const MAX_BUFFER = 1 << 20;

/** Fetches with the token that the user gave, if any. */
export function ask(path, signal) {
  const token = sessionStorage.getItem("token");
  return fetch(path, { signal, headers: token === null ? {} : { authorization: `Bearer ${token}` } });
}

/** Calls `listener.event(name, value)` for each event, `connected()` and `lost(reason)`, for as long as the page lives. */
export async function follow(path, listener) {
  for (let failures = 0;; failures++) {
    try {
      const response = await ask(path);
      if (response.status === 401) return listener.refused();
      if (!response.ok) throw new Error(`the daemon answers ${response.status}`);
      await listener.connected();
      failures = 0;
      for await (const event of events(response.body)) listener.event(event.name, event.value);
      throw new Error("the daemon ended the connection");
    } catch (error) {
      listener.lost(error.message);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]));
  }
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    buffer += part.value;
    if (buffer.length > MAX_BUFFER) throw new Error("the daemon sent what is no event");
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop();
    for (const block of blocks) {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (name !== undefined) yield { name, value: JSON.parse(data) };
    }
  }
}
