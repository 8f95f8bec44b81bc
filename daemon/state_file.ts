/**
 * What one run of the daemon leaves to the next: how the oscillator runs. Used on the same boot of the same machine
 * only, and there as a prior only.
 *
 * @module
 */
import { z } from "zod";
import { readSmallFile } from "../ffi/files.ts";
import { LibcError } from "../ffi/errno.ts";
import type { Environment } from "../record/status_socket.ts";
import type { EstimatorPrior } from "./estimate/estimator.ts";
import { MAX_FREQUENCY, RANDOM_WALK } from "./estimate/oscillator.ts";
import { fileFault } from "./file_fault.ts";
import type { Logger } from "./log.ts";

/** Which boot of which machine this is. */
export interface BootIdentity {
  /** Null where the machine has none. */
  readonly machineId: string | null;
  readonly bootId: string;
}

/** The format that this code writes, and the only one that it reads. */
const VERSION = 1;
/** No state is larger. */
const MAX_STATE_BYTES = 65_536;
const MAX_SERVERS = 64;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const COMPONENT = "state";

/** A frequency less sure than this is not worth keeping, s/s, 1 sd. */
const WORTH_KEEPING_SD = 5e-6;
/** What the frequency may have changed by while nobody watched, s/s, 1 sd: the temperature, mostly. */
const UNWATCHED_SD = 1e-6;
/** A filter is surer of itself than another run should be of it. */
const VARIANCE_INFLATION = 4;

const STATE = z.strictObject({
  version: z.literal(VERSION),
  machine_id: z.string().nullable(),
  boot_id: z.string(),
  saved_at_raw: z.number().min(0),
  frequency: z.number().min(-MAX_FREQUENCY).max(MAX_FREQUENCY),
  frequency_variance: z.number().gt(0).max(WORTH_KEEPING_SD ** 2),
  floors: z.record(z.string(), z.number().min(0)).refine((floors) =>
    Object.keys(floors).length <= MAX_SERVERS
  ),
});

/** The state of the daemon that publishes in one segment. Nothing that goes wrong here stops a daemon. */
export class StateFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #identity: BootIdentity;
  readonly #log: Logger;

  /** `folder` is created when something is saved. */
  constructor(folder: string, segment: string, identity: BootIdentity, log: Logger) {
    this.#folder = folder;
    this.#path = `${folder}/${segment.replaceAll("/", "_")}.json`;
    this.#identity = identity;
    this.#log = log;
  }

  /** Where the environment wants it; null, with one line in the log, where there is no such place. */
  static locate(segment: string, environment: Environment, log: Logger): StateFile | null {
    const folder = stateFolder(environment);
    if (folder !== null) return new StateFile(folder, segment, readBootIdentity(), log);
    log.warning(
      COMPONENT,
      "Nothing is kept for the next start: there is no home folder for it. Set STATE_DIRECTORY.",
    );
    return null;
  }

  /** What the last run left, as sure as one may be of it at `nowRawSeconds`; null when nothing can be used. */
  load(nowRawSeconds: number): EstimatorPrior | null {
    try {
      const state = STATE.parse(JSON.parse(readText(this.#path)));
      const gapSeconds = nowRawSeconds - state.saved_at_raw;
      const isOurs = state.boot_id === this.#identity.bootId && state.machine_id === this.#identity.machineId;
      if (!isOurs || gapSeconds < 0) {
        this.#log.info(COMPONENT, `Beginning anew: ${this.#path} is of another boot or machine.`);
        return null;
      }
      return aged(
        { ...state, frequencyVariance: state.frequency_variance, floorsSeconds: state.floors },
        gapSeconds,
      );
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null; // the first start
      const isDamaged = error instanceof z.ZodError || error instanceof SyntaxError ||
        error instanceof RangeError;
      const reason = isDamaged ? "it is damaged or of another version" : fileFault(error);
      this.#log.warning(COMPONENT, `Beginning anew: cannot use ${this.#path}: ${reason}.`);
      return null;
    }
  }

  /** Keeps `state`, known at `nowRawSeconds`, when it is worth it; either all of it or what was there before. */
  async save(state: EstimatorPrior | null, nowRawSeconds: number): Promise<void> {
    if (state === null || !(state.frequencyVariance <= WORTH_KEEPING_SD ** 2)) return;
    const text = JSON.stringify({
      version: VERSION,
      machine_id: this.#identity.machineId,
      boot_id: this.#identity.bootId,
      saved_at_raw: nowRawSeconds,
      frequency: state.frequency,
      frequency_variance: state.frequencyVariance,
      floors: state.floorsSeconds,
    });
    try {
      await Deno.mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
      await replaceFile(this.#folder, this.#path, `${text}\n`);
    } catch (error) {
      const message = `Cannot keep ${this.#path} for the next start: ${
        fileFault(error)
      }. Set STATE_DIRECTORY.`;
      this.#log.once(COMPONENT, "WARNING", COMPONENT, message);
    }
  }
}

/** systemd's folder, else the user's by the XDG rules; null when there is none. */
export function stateFolder(environment: Environment): string | null {
  const given = environment.get("STATE_DIRECTORY")?.split(":")[0];
  if (isAbsolute(given)) return given;
  const xdg = environment.get("XDG_STATE_HOME");
  if (isAbsolute(xdg)) return `${xdg}/chronotick`;
  const home = environment.get("HOME");
  return isAbsolute(home) ? `${home}/.local/state/chronotick` : null;
}

function isAbsolute(path: string | undefined): path is string {
  return path?.startsWith("/") ?? false;
}

function readBootIdentity(): BootIdentity {
  return {
    machineId: readId("/etc/machine-id"),
    bootId: readId("/proc/sys/kernel/random/boot_id") ?? crypto.randomUUID(),
  };
}

function readId(path: string): string | null {
  try {
    return readSmallFile(path).trim();
  } catch (error) {
    if (error instanceof LibcError) return null;
    throw error;
  }
}

function aged(state: EstimatorPrior, gapSeconds: number): EstimatorPrior {
  const variance = VARIANCE_INFLATION * state.frequencyVariance + UNWATCHED_SD ** 2 +
    RANDOM_WALK ** 2 * gapSeconds;
  return { frequency: state.frequency, frequencyVariance: variance, floorsSeconds: state.floorsSeconds };
}

/** @throws {RangeError} there is more than any state has */
function readText(path: string): string {
  if (Deno.statSync(path).size > MAX_STATE_BYTES) throw new RangeError(`more than ${MAX_STATE_BYTES} bytes`);
  return Deno.readTextFileSync(path);
}

/** Readers find the old content or the new one, also after a power failure. */
async function replaceFile(folder: string, path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  {
    using file = await Deno.open(temporary, { write: true, create: true, truncate: true, mode: FILE_MODE });
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
    await file.sync();
  }
  await Deno.rename(temporary, path);
  using entry = await Deno.open(folder);
  await entry.sync();
}
