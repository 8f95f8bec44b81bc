/**
 * Whether the daemon may do on this machine what it has to: publish, keep its state, get stamps of the kernel.
 *
 * @module
 */
import { LibcError } from "../../ffi/errno.ts";
import { isWritable, statusOfPath } from "../../ffi/files.ts";
import { isWriteLocked } from "../../ffi/file_lock.ts";
import { AttachedSegment, OwnedSegment, pathOfSegment, SegmentTakenError } from "../../ffi/shared_memory.ts";
import { UdpSocket } from "../../ffi/udp_socket.ts";
import { libc } from "../../ffi/libc.ts";
import { RECORD_BYTES } from "../../record/layout.ts";
import { type Environment, statusSocketPath } from "../../record/status_socket.ts";
import { stateFolder } from "../state_file.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };
const LOOPBACK_TIMEOUT_MS = 1000;
const FILE_TYPE = 0o170000;
const FOLDER = 0o040000;

/** Whether segments can be made where the record is to be. */
export function checkSharedMemory(segment: string): Finding {
  const folder = folderOf(pathOfSegment(segment));
  try {
    using scratch = OwnedSegment.take(`${folder}/chronotick_doctor_${crypto.randomUUID()}`, RECORD_BYTES);
    scratch.unlink();
    return ok("shared memory", `segments can be made in ${folder}`);
  } catch (error) {
    if (!(error instanceof LibcError || error instanceof SegmentTakenError)) throw error;
    return failed("shared memory", sentenceOf(error), `Make ${folder} a tmpfs that this user may write.`);
  }
}

/** Whether the record's own place is free, or taken by a daemon. */
export function checkRecord(segment: string): Finding {
  try {
    using attached = AttachedSegment.open(segment);
    const { userId } = attached.status;
    if (isWriteLocked(attached.file)) return ok("record", `a daemon of user ${userId} publishes ${segment}`);
    if (userId === libc.geteuid()) {
      return ok("record", `${segment} was left behind; the next daemon takes it over`);
    }
    return failed(
      "record",
      `${segment} is a dead daemon's of user ${userId}`,
      `Remove ${pathOfSegment(segment)}, or use another --shm-name.`,
    );
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    if (error.code === "ENOENT") return ok("record", `${segment} is free; no daemon publishes there yet`);
    return failed(
      "record",
      sentenceOf(error),
      `Remove ${pathOfSegment(segment)}, or use another --shm-name.`,
    );
  }
}

/** Whether the kernel stamps what it receives. */
export function checkKernelStamps(): Finding {
  using receiver = UdpSocket.bind(LOOPBACK);
  using sender = UdpSocket.connect(receiver.localAddress);
  sender.send(new Uint8Array(1));
  receiver.waitReadableSync(LOOPBACK_TIMEOUT_MS);
  const received = receiver.receive(new Uint8Array(1));
  if (received === null) {
    return failed(
      "kernel stamps",
      "a packet to 127.0.0.1 does not arrive",
      "Bring up the loopback interface.",
    );
  }
  if (received.receivedRealtimeNs !== null) return ok("kernel stamps", "packets are stamped as they arrive");
  return warning(
    "kernel stamps",
    "the kernel does not say when packets arrive, which makes each measurement worse by some 0.1 ms",
    "Run it outside of the sandbox that leaves SO_TIMESTAMPNS out.",
  );
}

/** Whether there is a place for what the next run may begin with. */
export function checkStateFolder(environment: Environment): Finding {
  const folder = stateFolder(environment);
  if (folder === null) {
    return warning("state", "there is no home folder to keep it in", "Set STATE_DIRECTORY to a folder.");
  }
  if (mayMake(folder)) return ok("state", `is kept in ${folder}`);
  return warning(
    "state",
    `cannot be kept in ${folder}`,
    "Set STATE_DIRECTORY to a folder that this user may write.",
  );
}

/** Whether there is a place for the status socket. */
export function checkStatusSocket(given: string | null, segment: string, environment: Environment): Finding {
  const path = given ?? statusSocketPath(segment, environment);
  if (path === null) {
    return warning(
      "status socket",
      "neither RUNTIME_DIRECTORY nor XDG_RUNTIME_DIR names a folder for it",
      "Set status.socket_path, or there is no client status with servers.",
    );
  }
  if (isWritable(folderOf(path))) return ok("status socket", path);
  return warning(
    "status socket",
    `${path} cannot be made by this user`,
    "Set status.socket_path to another one.",
  );
}

/** Whether this user may make the folder `path`, or write there when it exists. */
function mayMake(path: string): boolean {
  let existing = path;
  while (existing !== "" && !exists(existing)) existing = existing.slice(0, existing.lastIndexOf("/"));
  const folder = existing || "/";
  return (statusOfPath(folder).mode & FILE_TYPE) === FOLDER && isWritable(folder);
}

function exists(path: string): boolean {
  try {
    statusOfPath(path);
    return true;
  } catch (error) {
    if (error instanceof LibcError) return false;
    throw error;
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function sentenceOf(error: Error): string {
  return error.message.replace(/\.$/, "");
}
