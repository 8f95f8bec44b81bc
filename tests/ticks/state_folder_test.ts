import { assertEquals, assertThrows } from "@std/assert";
import { TickError } from "../../ticks/errors.ts";
import { makeStateFolder, stateFolder } from "../../ticks/state_folder.ts";
import { StateFolder } from "./state_folder.ts";

const IS_ROOT = Deno.uid() === 0;

function chosen(environment: Record<string, string>): string {
  return stateFolder(new Map(Object.entries(environment)));
}

Deno.test("stateFolder() takes CHRONOS_STATE_DIR before systemd's folder", () => {
  assertEquals(chosen({ CHRONOS_STATE_DIR: "/a", STATE_DIRECTORY: "/b", XDG_STATE_HOME: "/c" }), "/a");
  assertEquals(chosen({ STATE_DIRECTORY: "/b", XDG_STATE_HOME: "/c", HOME: "/d" }), "/b");
  assertEquals(chosen({ STATE_DIRECTORY: "/b:/second", HOME: "/d" }), "/b");
  assertEquals(chosen({ CHRONOS_STATE_DIR: "", STATE_DIRECTORY: "/b" }), "/b");
});

Deno.test("stateFolder() is the machine's where that is writable, else the user's by the XDG rules", () => {
  if (IS_ROOT) {
    assertEquals(chosen({ XDG_STATE_HOME: "/c", HOME: "/d" }), "/var/lib/chronos");
  } else {
    assertEquals(chosen({ XDG_STATE_HOME: "/c", HOME: "/d" }), "/c/chronos");
    assertEquals(chosen({ HOME: "/d" }), "/d/.local/state/chronos");
    assertThrows(() => chosen({}), TickError, "Set CHRONOS_STATE_DIR");
  }
});

Deno.test("stateFolder() refuses a path that is not absolute: it would be another one elsewhere", () => {
  assertThrows(() => chosen({ CHRONOS_STATE_DIR: "state" }), TickError, "not absolute");
});

Deno.test("makeStateFolder() says why it cannot", () => {
  using state = new StateFolder({ isEmpty: true });
  Deno.writeTextFileSync(`${state.path}/file`, "");
  const { code } = assertThrows(() => makeStateFolder(`${state.path}/file/below`), TickError, "Cannot make");
  assertEquals(code, "STATE_FOLDER");
});
