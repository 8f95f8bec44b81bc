import { findProgram } from "../../support/available.ts";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars",
  "--remote-debugging-port=0",
  "--remote-debugging-address=127.0.0.1",
];
const ENDPOINT = /^DevTools listening on (ws:\/\/\S+)$/m;
const TIMEOUT_MS = 20_000;
const CHECK_INTERVAL_MS = 50;

type Json = Record<string, unknown>;

/** A real Chromium without a window; nothing of it is left when it is disposed. */
export class Browser implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #errors: Promise<void>;
  readonly #endpoint: URL;

  private constructor(folder: string, child: Deno.ChildProcess, errors: Promise<void>, endpoint: URL) {
    this.#folder = folder;
    this.#child = child;
    this.#errors = errors;
    this.#endpoint = endpoint;
  }

  static async start(): Promise<Browser> {
    const folder = await Deno.makeTempDir({ prefix: "chronotick-browser-" });
    const child = new Deno.Command(findProgram("chromium")!, {
      args: [...FLAGS, `--user-data-dir=${folder}`, "about:blank"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const listening = Promise.withResolvers<URL>();
    const errors = followErrors(child, listening);
    return new Browser(folder, child, errors, await listening.promise);
  }

  /** A new page, not yet anywhere. */
  async page(): Promise<Page> {
    const response = await fetch(`http://${this.#endpoint.host}/json/new?about:blank`, { method: "PUT" });
    const { id, webSocketDebuggerUrl } = await response.json();
    return await Page.attach(webSocketDebuggerUrl, () => this.#closePage(id));
  }

  async #closePage(id: string): Promise<void> {
    const response = await fetch(`http://${this.#endpoint.host}/json/close/${id}`);
    await response.body?.cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    const force = setTimeout(() => this.#child.kill("SIGKILL"), TIMEOUT_MS);
    await Promise.all([this.#child.status, this.#errors]);
    clearTimeout(force);
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function followErrors(child: Deno.ChildProcess, listening: PromiseWithResolvers<URL>): Promise<void> {
  let text = "";
  for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
    text = (text + part).slice(-10_000);
    const endpoint = ENDPOINT.exec(text)?.[1];
    if (endpoint !== undefined) listening.resolve(new URL(endpoint));
  }
  listening.reject(new Error(`Chromium did not start: ${text}`));
}

/** One page, driven by the DevTools protocol. */
export class Page implements AsyncDisposable {
  /** Every address that it asked for. */
  readonly requested: string[] = [];
  /** What its console and its policies complained of. */
  readonly complaints: string[] = [];
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, PromiseWithResolvers<Json>>();
  #lastId = 0;

  readonly #close: () => Promise<void>;

  private constructor(socket: WebSocket, close: () => Promise<void>) {
    this.#socket = socket;
    this.#close = close;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  /** `close` closes it in the browser. */
  static async attach(url: string, close: () => Promise<void>): Promise<Page> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const page = new Page(socket, close);
    for (const domain of ["Page", "Network", "Runtime", "Log", "Performance"]) {
      await page.send(`${domain}.enable`);
    }
    return page;
  }

  send(method: string, params: Json = {}): Promise<Json> {
    const id = ++this.#lastId;
    const reply = Promise.withResolvers<Json>();
    this.#pending.set(id, reply);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return reply.promise;
  }

  async goTo(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    }) as { result: { value: T }; exceptionDetails?: { exception: { description: string } } };
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception.description);
    return result.value;
  }

  /**
   * Resolves when `expression` is true in the page.
   *
   * @throws {Error} it is not in time
   */
  async until(expression: string): Promise<void> {
    const deadline = performance.now() + TIMEOUT_MS;
    while (!await this.evaluate<boolean>(`Boolean(${expression})`)) {
      if (performance.now() > deadline) {
        throw new Error(`In vain until ${expression}: ${await this.evaluate("document.body.innerText")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, CHECK_INTERVAL_MS));
    }
  }

  /** Presses and releases a key that types nothing, or a blank. */
  async press(key: "Tab" | " " | "ArrowRight"): Promise<void> {
    const codes = { Tab: ["Tab", 9], " ": ["Space", 32], ArrowRight: ["ArrowRight", 39] } as const;
    const [code, windowsVirtualKeyCode] = codes[key];
    const text = key === " " ? { text: " " } : {};
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, code, windowsVirtualKeyCode, ...text });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, code, windowsVirtualKeyCode });
  }

  async resize(width: number, height: number): Promise<void> {
    const mobile = width < 600;
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile });
  }

  async prefer(scheme: "dark" | "light"): Promise<void> {
    await this.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
  }

  /** What the page holds after a garbage collection. */
  async weight(): Promise<{ nodes: number; heapBytes: number }> {
    await this.send("HeapProfiler.collectGarbage");
    const { metrics } = await this.send("Performance.getMetrics") as {
      metrics: { name: string; value: number }[];
    };
    const of = (name: string) => metrics.find((metric) => metric.name === name)!.value;
    return { nodes: of("Nodes"), heapBytes: of("JSHeapUsedSize") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    await this.#close();
    await closed;
  }

  #take({ id, method, params, result, error }: {
    id?: number;
    method?: string;
    // deno-lint-ignore no-explicit-any -- whatever the protocol sends
    params?: any;
    result?: Json;
    error?: { message: string };
  }): void {
    if (id !== undefined) {
      const reply = this.#pending.get(id);
      this.#pending.delete(id);
      if (error === undefined) reply?.resolve(result!);
      else reply?.reject(new Error(error.message));
    } else if (method === "Network.requestWillBeSent") this.requested.push(params.request.url);
    else if (method === "Runtime.exceptionThrown") this.complaints.push(params.exceptionDetails.text);
    else if (method === "Log.entryAdded") this.complaints.push(params.entry.text);
  }
}
