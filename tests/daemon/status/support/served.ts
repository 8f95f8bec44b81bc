import type { Config } from "../../../../daemon/config.ts";
import { parseConfig } from "../../../../daemon/config.ts";
import { Logger } from "../../../../daemon/log.ts";
import { StatusServer } from "../../../../daemon/status/status_server.ts";
import type { ObservedStatus } from "../../../../daemon/status/status_document.ts";
import { answersOf, statusOfScene } from "./world.ts";

/** What is served unless a test says otherwise: three servers, one of them half a second ahead. */
export function someStatus(): ObservedStatus {
  return statusOfScene({ exchanges: answersOf({ a: 0, b: 0.0001, liar: 0.5 }, 20), predictedAtSeconds: 20 });
}

/** A status API of its own in a folder of its own. */
export class Served implements AsyncDisposable {
  readonly folder: string;
  readonly log: Logger;
  readonly lines: string[];
  readonly #server: StatusServer;

  private constructor(folder: string, log: Logger, lines: string[], server: StatusServer) {
    this.folder = folder;
    this.log = log;
    this.lines = lines;
    this.#server = server;
  }

  /** `status` as in the YAML; its paths may begin with `FOLDER`. */
  static async start(
    settings = "{}",
    { status = someStatus(), prepare = (_folder: string): void | Promise<void> => {} } = {},
  ): Promise<Served> {
    const folder = await Deno.makeTempDir({ prefix: "chronotick-status-" });
    try {
      await prepare(folder);
      const lines: string[] = [];
      const sink = {
        name: "memory",
        write: (line: string) => void lines.push(line),
        reopen() {},
        close() {},
      };
      const log = new Logger({ sink });
      const service = { observe: () => status.observation, status: () => status };
      const { status: chosen } = configOf(settings, folder);
      const server = await StatusServer.start(chosen, `${folder}/chronotick.sock`, service, log);
      return new Served(folder, log, lines, server);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  get socketPath(): string {
    return `${this.folder}/chronotick.sock`;
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    return /http:\/\/[^/]+/.exec(this.lines.join("\n"))![0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

function configOf(settings: string, folder: string): Config {
  return parseConfig(`status: ${settings.replaceAll("FOLDER", folder)}`, { fileName: "test.yaml" });
}
