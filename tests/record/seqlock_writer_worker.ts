/// <reference lib="deno.worker" />
import { blockOf, publishBlock } from "../../record/seqlock.ts";
import { fillPayload } from "./whole_payload.ts";

/** Looks at the control word between two publications: 0 to some 20 µs, so that readers have their chance too. */
const MAX_LOOKS = 2048;

/** Publishes as fast as readers can bear into `shared`, until `control[0]` is set; answers how often it did. */
self.onmessage = ({ data }: MessageEvent<{ shared: SharedArrayBuffer; control: Int32Array }>) => {
  const shared = blockOf(data.shared).words;
  const payload = blockOf(new ArrayBuffer(128)).words;
  let publications = 0;
  while (Atomics.load(data.control, 0) === 0) {
    fillPayload(payload, ++publications);
    publishBlock(shared, payload);
    for (let looks = publications % MAX_LOOKS; looks > 0; looks--) Atomics.load(data.control, 0);
  }
  self.postMessage(publications);
  self.close();
};
