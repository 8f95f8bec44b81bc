import { signalChild } from "../../../../sim/signal_child.ts";
import { findProgram } from "../../../support/available.ts";

const POLICY = new URL("../../../../deploy/org.jesternet.Chronos.conf", import.meta.url);
const NOBODY = "65534";

/** What the system bus allows before any service's policy: next to nothing. */
const SYSTEM_DEFAULTS = `
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>`;

/** What a session bus allows. */
const SESSION_DEFAULTS = `
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>`;

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A dbus-daemon of our own, in a folder that goes with it. */
export class PrivateBus implements AsyncDisposable {
  readonly #folder: string;
  #daemon: Deno.ChildProcess | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Starts a bus with the project's policy for chronosd over the system bus's defaults, where `serviceUser` is the user
   * who may own the name; or one with a session bus's defaults when that is null.
   */
  static async start(serviceUser: string | null): Promise<PrivateBus> {
    const folder = await Deno.makeTempDir({ prefix: "chronosd-bus-" });
    await Deno.chmod(folder, 0o755); // other users are to connect, too
    const bus = new PrivateBus(folder);
    const policy = (await Deno.readTextFile(POLICY)).replace('user="chronos"', `user="${serviceUser}"`);
    await Deno.writeTextFile(`${folder}/chronos.conf`, policy);
    await Deno.writeTextFile(
      `${folder}/bus.conf`,
      `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>${bus.address}</listen>
  <auth>EXTERNAL</auth>
  ${
        serviceUser === null
          ? SESSION_DEFAULTS
          : `${SYSTEM_DEFAULTS}\n  <include>${folder}/chronos.conf</include>`
      }
</busconfig>
`,
    );
    await bus.listen();
    return bus;
  }

  get address(): string {
    return `unix:path=${this.#folder}/bus`;
  }

  /** Starts the daemon, again after `stop`; it listens when this resolves. */
  async listen(): Promise<void> {
    this.#daemon = new Deno.Command(findProgram("dbus-daemon")!, {
      args: ["--nofork", "--print-address", `--config-file=${this.#folder}/bus.conf`],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const output = this.#daemon.stdout.getReader();
    if ((await output.read()).done) {
      throw new Error("Cannot start dbus-daemon: run it with such a configuration to see why.");
    }
    await output.cancel();
  }

  async stop(): Promise<void> {
    this.#daemon?.kill("SIGKILL");
    await this.#daemon?.status;
    this.#daemon = null;
    await Deno.remove(`${this.#folder}/bus`);
  }

  /** Runs a D-Bus program on this bus, as user nobody if so desired (which takes root). */
  async run(command: readonly string[], { asNobody = false } = {}): Promise<Ended> {
    const drop = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
    const { code, stdout, stderr } = await this.#command([...(asNobody ? drop : []), ...command]).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout).trim(), stderr: decoder.decode(stderr).trim() };
  }

  /** What a program that does not end prints until there is a `match`. */
  async readUntil(command: readonly string[], match: RegExp): Promise<RegExpExecArray> {
    const child = this.#command(command).spawn();
    let text = "";
    try {
      for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
        text += part;
        const found = match.exec(text);
        if (found !== null) return found;
      }
      throw new Error(`${command.join(" ")} ended after ${JSON.stringify(text)}.`);
    } finally {
      signalChild(child, "SIGKILL");
      await child.status;
    }
  }

  #command([program, ...args]: readonly string[]): Deno.Command {
    return new Deno.Command(program!, {
      args,
      env: { DBUS_SYSTEM_BUS_ADDRESS: this.address, DBUS_SESSION_BUS_ADDRESS: this.address, LC_ALL: "C" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon !== null) await this.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
