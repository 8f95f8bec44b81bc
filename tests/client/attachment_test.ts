import { assertEquals, assertGreater, assertStringIncludes, assertThrows } from "@std/assert";
import { ChronoTickClient } from "../../client/client.ts";
import { HostileRecordError, NoDaemonError, UntrustedSegmentError } from "../../record/errors.ts";
import { taskPermissions } from "../../sim/task_permissions.ts";
import { available, findProgram } from "../support/available.ts";
import { bytesOf, PublishedRecord, randomShmName, recordPublishedAgo } from "../support/published_record.ts";

const IS_ROOT = Deno.uid() === 0;
const STRANGER = 54_321;
const MAIN = new URL("../../client/main.ts", import.meta.url).pathname;
const READ_CHILD = new URL("./read_child.ts", import.meta.url).pathname;
const SIGBUS_CHILD = new URL("./sigbus_child.ts", import.meta.url).pathname;

/** A file where segments are, with any bytes; gone at dispose. */
function segmentFile(byteLength: number): { name: string } & Disposable {
  const name = randomShmName();
  Deno.writeFileSync(`/dev/shm/${name}`, new Uint8Array(byteLength), { mode: 0o644 });
  return { name, [Symbol.dispose]: () => Deno.removeSync(`/dev/shm/${name}`) };
}

function isMapped(name: string): boolean {
  return Deno.readTextFileSync("/proc/self/maps").includes(`/dev/shm/${name}`);
}

function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("a client of a segment that does not exist says how to get one", () => {
  const shmName = randomShmName();
  using client = new ChronoTickClient({ shmName });
  const error = assertThrows(() => client.now(), NoDaemonError);
  assertEquals(
    error.message,
    `Cannot attach to ${shmName}: no such shared memory. Start the daemon with \`deno task daemon\`, or give its --shm-name.`,
  );
  assertEquals([error.name, error.code], ["NoDaemonError", "NO_DAEMON"]);
});

Deno.test("a client takes the segment's name with or without its slash", () => {
  using record = new PublishedRecord({ measurementCount: 4711 });
  for (const shmName of [record.name, `/${record.name}`]) {
    using client = new ChronoTickClient({ shmName });
    assertEquals(client.read().measurementCount, 4711);
  }
  using misled = new ChronoTickClient({ shmName: `/dev/shm/${record.name}` });
  assertThrows(() => misled.read(), TypeError, "give the path of a file as `path`");
});

Deno.test("a client reads the record at a path, and says which path does not exist", () => {
  const folder = Deno.makeTempDirSync({ prefix: "chronotick-record-" });
  try {
    const path = `${folder}/record`;
    using absent = new ChronoTickClient({ path });
    assertEquals(
      assertThrows(() => absent.now(), NoDaemonError).message,
      `Cannot attach to ${path}: no such file. Start the daemon with \`deno task daemon\`, or give its --shm-path.`,
    );
    using record = new PublishedRecord({ measurementCount: 4712 }, path);
    using client = new ChronoTickClient({ path, shmName: "another" });
    assertEquals(client.read().measurementCount, 4712);
    record.publish({ measurementCount: 4713 });
    assertEquals(client.read().measurementCount, 4713);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({
  name: "a client reads a record in a folder that is mounted read-only, as containers do",
  ignore: !IS_ROOT || !available("unshare"),
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "chronotick-record-" });
    try {
      using record = new PublishedRecord({}, `${folder}/record`);
      const timer = setInterval(() => record.publish(), 50);
      const script =
        'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && ! touch "$1/x" 2>/dev/null && shift && "$@"';
      const client = [
        Deno.execPath(),
        "run",
        "--quiet",
        ...taskPermissions("client"),
        MAIN,
        "json",
      ];
      const { code, stdout } = await new Deno.Command("unshare", {
        args: ["--mount", "sh", "-c", script, "sh", folder, ...client, "--shm-path", record.name],
      }).output();
      clearInterval(timer);
      assertEquals(code, 0);
      assertEquals(JSON.parse(new TextDecoder().decode(stdout)).writer_pid, Deno.pid);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test("a client refuses a segment that is one byte too short", () => {
  using file = segmentFile(127);
  using client = new ChronoTickClient({ shmName: file.name });
  for (const ask of [() => client.now(), () => client.getTime(), () => client.read()]) {
    const error = assertThrows(ask, HostileRecordError);
    assertEquals(
      error.message,
      `Cannot read ${file.name}: it is shorter than the 128 bytes of a record. Check which program writes this segment.`,
    );
    assertEquals([error.field, error.code], ["size", "HOSTILE_RECORD"]);
  }
});

Deno.test("a client knows an empty or a zero-filled segment as one that nothing was published into", () => {
  for (const byteLength of [0, 128, 4096]) {
    using file = segmentFile(byteLength);
    using client = new ChronoTickClient({ shmName: file.name });
    for (const ask of [() => client.now(), () => client.getTime(), () => client.read()]) {
      const error = assertThrows(ask, NoDaemonError);
      assertEquals(
        error.message,
        `Cannot read ${file.name}: nothing was published into it yet. Wait for the daemon to start.`,
      );
    }
    assertEquals(client.isDaemonReady(), false);
  }
});

Deno.test({
  name: "a client refuses the segment of another user, and says whose it is",
  ignore: !IS_ROOT,
  fn() {
    using record = new PublishedRecord();
    Deno.chownSync(record.path, STRANGER, STRANGER);
    using client = new ChronoTickClient({ shmName: record.name });
    const error = assertThrows(() => client.now(), UntrustedSegmentError);
    assertEquals(
      error.message,
      `Cannot trust ${record.name}: it belongs to user 54321, who is neither root nor you. Name that user in trustedUsers (--trusted-users) if its daemon is yours.`,
    );
    assertEquals([error.userId, error.code], [STRANGER, "UNTRUSTED_SEGMENT"]);
  },
});

Deno.test({
  name: "a client reads the segment of a trusted user with pread, its own with mmap, unless told otherwise",
  ignore: !IS_ROOT,
  fn() {
    const cases = [
      { owner: STRANGER, access: undefined, mapped: false },
      { owner: STRANGER, access: "auto", mapped: false },
      { owner: STRANGER, access: "mmap", mapped: true },
      { owner: 0, access: undefined, mapped: true },
      { owner: 0, access: "pread", mapped: false },
    ] as const;
    for (const { owner, access, mapped } of cases) {
      using file = writtenByPreviousProcess();
      Deno.chownSync(`/dev/shm/${file.name}`, owner, owner);
      using client = new ChronoTickClient({
        shmName: file.name,
        trustedUsers: [STRANGER],
        ...(access === undefined ? {} : { access }),
      });
      assertEquals(client.read().measurementCount, 42);
      assertEquals(isMapped(file.name), mapped);
      client.close();
      assertEquals(isMapped(file.name), false);
    }
  },
});

/** A record that nobody holds any more, so that the only mapping is the reader's. */
function writtenByPreviousProcess(): { name: string } & Disposable {
  const file = segmentFile(0);
  const record = recordPublishedAgo(0.1, { sequenceNumber: 2, measurementCount: 42 });
  Deno.writeFileSync(`/dev/shm/${file.name}`, bytesOf(record));
  return file;
}

Deno.test("a client refuses a segment that others may write", () => {
  for (const mode of [0o664, 0o646, 0o666]) {
    using record = new PublishedRecord();
    Deno.chmodSync(record.path, mode);
    using client = new ChronoTickClient({ shmName: record.name });
    const error = assertThrows(() => client.now(), UntrustedSegmentError);
    assertEquals(
      error.message,
      `Cannot trust ${record.name}: users other than its owner ${Deno.uid()} may write it. Remove it and start the daemon again.`,
    );
    assertEquals(error.userId, Deno.uid());
  }
});

Deno.test({
  name: "a client of any user trusts root's segment",
  ignore: !IS_ROOT || !available("setpriv"),
  async fn() {
    using record = new PublishedRecord();
    const cache = await Deno.makeTempDir();
    await Deno.chmod(cache, 0o777);
    const { stdout, stderr } = await new Deno.Command(findProgram("setpriv")!, {
      args: [
        ...["--reuid", String(STRANGER), "--clear-groups"],
        // So that it finds deno and the checkout, wherever they are.
        ...["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"],
        ...[Deno.execPath(), "run", "--allow-ffi", READ_CHILD, record.name],
      ],
      env: { DENO_DIR: cache },
    }).output();
    await Deno.remove(cache, { recursive: true });
    const decoder = new TextDecoder();
    assertStringIncludes(decoder.decode(stdout), '"timeNs"', decoder.decode(stderr));
  },
});

Deno.test({
  name: "a client that may not read the segment says whose it is",
  ignore: !IS_ROOT || !available("setpriv"),
  async fn() {
    using record = new PublishedRecord();
    Deno.chmodSync(record.path, 0o600);
    Deno.chownSync(record.path, STRANGER, STRANGER);
    const { stdout } = await new Deno.Command(findProgram("setpriv")!, {
      args: [
        "--bounding-set=-dac_override,-dac_read_search",
        ...[Deno.execPath(), "run", "--allow-ffi", READ_CHILD, record.name],
      ],
    }).output();
    assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
      error: "UntrustedSegmentError",
      message:
        `Cannot read ${record.name}: it belongs to user 54321, who does not let you read it. Remove it and start the daemon, or give its --shm-name.`,
    });
  },
});

Deno.test("a client with pread survives the truncation of the segment and the return of a good one", () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name, access: "pread" });
  for (const byteLength of [0, 64]) {
    for (const ask of [() => client.now(), () => client.getTime(), () => client.read()]) {
      Deno.truncateSync(record.path, 128);
      record.publish({ measurementCount: byteLength });
      client.now();
      Deno.truncateSync(record.path, byteLength);
      assertEquals(assertThrows(ask, HostileRecordError).field, "size");
      // It let go of the segment; attaching anew meets one that is empty, or still too short.
      const { name } = assertThrows(ask);
      assertEquals(name, byteLength === 0 ? "NoDaemonError" : "HostileRecordError");
    }
    Deno.truncateSync(record.path, 128);
    record.publish({ measurementCount: 7 });
    assertEquals(client.read().measurementCount, 7);
  }
});

Deno.test("a client with mmap is killed by SIGBUS when the segment is truncated, as PROTOCOL.md says", async () => {
  using record = new PublishedRecord();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-ffi", SIGBUS_CHILD, record.name],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = child.stdout.getReader();
  assertEquals(new TextDecoder().decode((await output.read()).value), "attached\n");
  Deno.truncateSync(record.path, 0);
  await child.stdin.close();
  assertEquals((await output.read()).value, undefined);
  output.releaseLock();
  await child.stdout.cancel();
  assertEquals((await child.status).signal, "SIGBUS");
  Deno.truncateSync(record.path, 128); // the test's own mapping is to be unmapped in one piece
  const protocol = Deno.readTextFileSync(`${import.meta.dirname}/../../PROTOCOL.md`);
  assertStringIncludes(protocol, "SIGBUS");
});

Deno.test("a client follows to the segment of a new daemon once the old one has withdrawn its record", () => {
  using record = new PublishedRecord({ measurementCount: 1 });
  using client = new ChronoTickClient({ shmName: record.name });
  assertEquals(client.read().measurementCount, 1);
  record.publish({ flags: 0 });
  record.replace({ measurementCount: 2, maxError: 0.5 });
  const { earliest, latest } = client.now();
  assertGreater(
    latest.seconds + latest.nanoseconds / 1e9 - earliest.seconds - earliest.nanoseconds / 1e9,
    0.9,
  );
  assertEquals(client.read().measurementCount, 2);
});

Deno.test("a client follows to the segment of a new daemon once the old one's record is stale", () => {
  using record = new PublishedRecord({ measurementCount: 1 });
  using client = new ChronoTickClient({ shmName: record.name });
  assertEquals(client.read().measurementCount, 1);
  record.publish({}, 3);
  record.replace({ measurementCount: 2 });
  assertEquals(client.getTime().isValid, true);
  assertEquals(client.read().measurementCount, 2);
});

Deno.test("a client notices that the daemon has withdrawn its record and left", () => {
  const record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  client.now();
  record.publish({ flags: 0 });
  record[Symbol.dispose]();
  assertThrows(() => client.now(), NoDaemonError);
  assertThrows(() => client.read(), NoDaemonError);
});

Deno.test("a client that cannot attach leaves neither files nor mappings open, however often it tries", () => {
  using short = segmentFile(100);
  using hostile = new PublishedRecord({ driftRate: 1 });
  const before = openFiles();
  for (const shmName of [short.name, hostile.name, randomShmName()]) {
    using client = new ChronoTickClient({ shmName });
    for (let i = 0; i < 50; i++) assertThrows(() => client.now());
  }
  assertEquals(openFiles(), before);
});

Deno.test("close() unmaps the segment, and every later question is a TypeError", async () => {
  using record = new PublishedRecord();
  const before = openFiles();
  for (const isAttached of [true, false]) {
    const client = new ChronoTickClient({ shmName: record.name });
    if (isAttached) client.now();
    client.close();
    client.close();
    assertEquals(openFiles(), before);
    const interval = { earliest: { seconds: 0, nanoseconds: 0 }, latest: { seconds: 0, nanoseconds: 0 } };
    const questions = [
      () => client.now(),
      () => client.nowInto(interval),
      () => client.getTime(),
      () => client.read(),
      () => client.after(0),
      () => client.before(0),
      () => client.correctedTimeAt(0),
      () => client.uncertaintyAt(0),
      () => client.futureUncertainty(0),
      () => client.isDaemonReady(),
    ];
    for (const ask of questions) {
      const error = assertThrows(ask, TypeError);
      assertEquals(error.message, "Cannot read the time: this client is closed.");
    }
    const waits = [() => client.waitUntilReady(), () => client.waitUntil(0), () => client.waitUntilAfter(0)];
    for (const wait of waits) {
      const error = await wait().then(() => null, (reason) => reason);
      assertEquals(error?.message, "Cannot read the time: this client is closed.");
    }
  }
});
