/// <reference lib="deno.worker" />
import { blockOf, publishBlock } from "../../record/seqlock.ts";
import { fillPayload } from "./whole_payload.ts";

/** Publishes as fast as it can into `shared`, until `control[0]` is set; answers how often it did. */
self.onmessage = ({ data }: MessageEvent<{ shared: SharedArrayBuffer; control: Int32Array }>) => {
  const shared = blockOf(data.shared).words;
  const payload = blockOf(new ArrayBuffer(128)).words;
  let publications = 0;
  while (Atomics.load(data.control, 0) === 0) {
    fillPayload(payload, ++publications);
    publishBlock(shared, payload);
  }
  self.postMessage(publications);
  self.close();
};
