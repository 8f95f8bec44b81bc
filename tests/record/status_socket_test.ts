import { assertEquals } from "@std/assert";
import { statusSocketPath, statusSocketPaths } from "../../record/status_socket.ts";

Deno.test("statusSocketPath() goes by systemd's folder, then the user's, and never by a relative one", () => {
  const path = (segment: string, variables: Record<string, string>) =>
    statusSocketPath(segment, new Map(Object.entries(variables)));
  const [system, user] = [{ RUNTIME_DIRECTORY: "/run/chronotick" }, { XDG_RUNTIME_DIR: "/run/user/7" }];
  assertEquals(path("chronotick_shm", { ...user, ...system }), "/run/chronotick/chronotick.sock");
  assertEquals(path("chronotick_shm", user), "/run/user/7/chronotick.sock");
  assertEquals(path("other", user), "/run/user/7/other.sock");
  // systemd.exec(5): several folders are separated by colons.
  assertEquals(path("chronotick_shm", { RUNTIME_DIRECTORY: "/run/a:/run/b" }), "/run/a/chronotick.sock");
  assertEquals(path("chronotick_shm", {}), null);
  assertEquals(path("chronotick_shm", { RUNTIME_DIRECTORY: "", XDG_RUNTIME_DIR: "here" }), null);
});

Deno.test("statusSocketPath() of a record in a file is beside that, whatever the environment says", () => {
  assertEquals(statusSocketPath("/mnt/time/record", new Map()), "/mnt/time/record.sock");
});

Deno.test("statusSocketPaths() are the user's and then the system's, without one twice", () => {
  const system = "/run/chronotick/chronotick.sock";
  assertEquals(statusSocketPaths("chronotick_shm", new Map()), [system]);
  const user = new Map([["XDG_RUNTIME_DIR", "/run/user/7"]]);
  assertEquals(statusSocketPaths("chronotick_shm", user), ["/run/user/7/chronotick.sock", system]);
  const service = new Map([["RUNTIME_DIRECTORY", "/run/chronotick"]]);
  assertEquals(statusSocketPaths("chronotick_shm", service), [system]);
  assertEquals(statusSocketPaths("/mnt/time/record", user), ["/mnt/time/record.sock"]);
});
