import { assertEquals } from "@std/assert";
import { crc32 } from "../../ticks/crc32.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";

Deno.test("crc32() of 123456789 is the check value of the catalogue of CRCs", () => {
  assertEquals(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

Deno.test({
  name: "crc32() is zlib's",
  ignore: !available("python3"),
  fn: async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(1000));
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const code = "import sys, zlib; print(zlib.crc32(bytes.fromhex(sys.argv[1])))";
    assertEquals(String(crc32(bytes)), await python(code, hex));
  },
});
