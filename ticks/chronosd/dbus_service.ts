/**
 * chronosd on D-Bus: `org.jesternet.Chronos`. The only file that knows the D-Bus library.
 *
 * @module
 */
// @ts-types="../../types/dbus_native.d.ts"
import { createClient, type InterfaceDescriptor, type Message, type MessageBus } from "dbus-native";
import type { Environment } from "../state_folder.ts";
import type { TickService } from "./tick_service.ts";

/** The name, and the interface of the only object. */
const NAME = "org.jesternet.Chronos";
const PATH = "/org/jesternet/Chronos";
const ROOT_USER_ID = 0;
/** `RequestName`: fail rather than wait for the name (D-Bus specification). */
const DO_NOT_QUEUE = 4;
/** A bus that does not answer for so long is not there. */
const CALL_TIMEOUT_MS = 5000;
/** Codes of the error when there is no bus at an address. */
const UNREACHABLE: readonly string[] = ["ENOENT", "ECONNREFUSED"];
const SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket";

/** Which bus. */
export type BusName = "system" | "session";

/** What the service is to do besides handing out ticks. */
export interface DbusHooks {
  /** Root wants the daemon to end. */
  readonly onShutdown: () => void;
  /** Something went wrong that no caller is to blame for. */
  readonly onFault: (error: Error) => void;
}

/** The service cannot be on the bus; the message is one sentence that says why and what to do. */
export class DbusError extends Error {
  override readonly name = "DbusError";
}

/** The address of a bus, as every D-Bus program finds it. */
export function busAddress(bus: BusName, environment: Environment): string {
  if (bus === "system") return environment.get("DBUS_SYSTEM_BUS_ADDRESS") || SYSTEM_BUS;
  const address = environment.get("DBUS_SESSION_BUS_ADDRESS");
  if (address) return address;
  throw new DbusError(
    "Cannot find the session bus: DBUS_SESSION_BUS_ADDRESS is not set. Run under dbus-run-session or use --dbus system.",
  );
}

/** Whether nobody listens at the bus's address. */
function isUnreachable(error: unknown): boolean {
  return error instanceof Error && "code" in error && UNREACHABLE.includes(String(error.code));
}

/** Owns the name on one bus until it is disposed; a bus that starts anew is joined again. */
export class DbusService implements AsyncDisposable {
  readonly #bus: MessageBus;

  private constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  /**
   * Joins the bus at `address` and takes the name.
   *
   * @throws {DbusError} the bus cannot be reached, or gives the name to nobody or to another
   */
  static async start(
    address: string,
    ticks: TickService,
    version: string,
    hooks: DbusHooks,
  ): Promise<DbusService> {
    const bus = createClient({
      busAddress: address,
      authMethods: ["EXTERNAL"],
      timeout: CALL_TIMEOUT_MS,
      reconnect: true,
    });
    const { promise: unreachable, reject } = Promise.withResolvers<never>();
    bus.connection.on("error", reject);
    bus.connection.on("reconnecting", ({ cause }: { cause?: Error }) => reject(cause));
    // Without a listener, a call of a member that is no method would end the process.
    bus.connection.on("handlerError", hooks.onFault);
    bus.on("reconnectError", hooks.onFault);
    try {
      bus.exportInterface(chronosObject(bus, ticks, version, hooks.onShutdown), PATH, DESCRIPTION);
      const { isPrimaryOwner } = await Promise.race([bus.ownName(NAME, DO_NOT_QUEUE), unreachable]);
      if (!isPrimaryOwner) throw new Error("another process owns it");
      return new DbusService(bus);
    } catch (error) {
      bus.connection.end();
      const reason = error instanceof Error ? error.message : String(error);
      const remedy = isUnreachable(error) ? "Start that bus" : "Install deploy/org.jesternet.Chronos.conf";
      throw new DbusError(
        `Cannot take the name ${NAME} on the bus at ${address}: ${reason}. ` +
          `${remedy}, or start without --dbus.`,
        { cause: error },
      );
    }
  }

  /** Tells whoever listens that all ticks up to `tick` are reserved durably. */
  tickReserved(tick: bigint): void {
    this.#bus.sendSignal(PATH, NAME, "TickReserved", "t", [tick]);
  }

  /** Leaves the bus. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.close();
  }
}

/** Signatures and names of the arguments, in and out, as the library describes an interface. */
const DESCRIPTION = {
  name: NAME,
  methods: {
    GetTick: ["", "t", [], ["tick"]],
    NextTick: ["", "t", [], ["tick"]],
    GetPhiTimestamp: ["s", "s", ["agent"], ["timestamp"]],
    LogEvent: ["ssss", "s", ["agent", "action", "status", "details"], ["entry"]],
    Shutdown: ["", "", [], []],
  },
  properties: { Version: { type: "s", access: "read" } },
  signals: { TickReserved: ["t", "tick"] },
} satisfies InterfaceDescriptor;

type MethodName = keyof typeof DESCRIPTION.methods;
type Handler = (texts: string[], sender: string) => Promise<unknown>;

/** A D-Bus error with a name of its own, as the library sends it to the caller. */
class NamedError extends Error {
  readonly dbusName: string;

  constructor(dbusName: string, message: string) {
    super(message);
    this.dbusName = dbusName;
  }
}

/** The object that the library calls. It inherits nothing: whatever has a name on it can be called from the bus. */
function chronosObject(bus: MessageBus, ticks: TickService, version: string, onShutdown: () => void): object {
  const handlers: Record<MethodName, Handler> = {
    GetTick: () => ticks.current(),
    NextTick: () => ticks.next(1),
    GetPhiTimestamp: ([agent]) => ticks.stamp(agent!),
    LogEvent: ([agent, action, status, details]) =>
      ticks.log({ agent: agent!, action: action!, status: status!, details: details! }),
    Shutdown: async (_, sender) => {
      await refuseOthersThanRoot(bus, sender);
      onShutdown();
      return null; // no value, not even an empty one
    },
  };
  const methods = Object.entries(handlers).map((
    [name, handler],
  ) => [name, guarded(name as MethodName, handler)]);
  return Object.assign(Object.create(null), Object.fromEntries(methods), { Version: version });

  /** Passes on arguments that are what they should be, and failures as D-Bus errors. */
  function guarded(name: MethodName, handler: Handler): (...args: unknown[]) => Promise<unknown> {
    return async (...args) => {
      const { signature = "", sender = "" } = args.pop() as Message;
      const [expected] = DESCRIPTION.methods[name];
      if (signature !== expected) {
        const message = `${name} takes the arguments "${expected}", not "${signature}".`;
        throw new NamedError("org.freedesktop.DBus.Error.InvalidArgs", message);
      }
      try {
        return await handler(args as string[], sender);
      } catch (error) {
        if (error instanceof NamedError) throw error;
        const { code, message } = ticks.explain(error);
        throw new NamedError(`${NAME}.Error.${code}`, message);
      }
    };
  }
}

/** The bus knows who the caller is; the policy file refuses others too, where it is installed. */
async function refuseOthersThanRoot(bus: MessageBus, sender: string): Promise<void> {
  if (await bus.getConnectionUnixUser(sender) === ROOT_USER_ID) return;
  throw new NamedError(
    "org.freedesktop.DBus.Error.AccessDenied",
    "Cannot shut chronosd down: only root may.",
  );
}
