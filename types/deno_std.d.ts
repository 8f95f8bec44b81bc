// Types of the parts of the Deno standard library that this project uses. The npm republication carries none;
// with the official packages in the import map this file can go.

declare module "@std/assert" {
  export class AssertionError extends Error {}
  export function assert(condition: unknown, message?: string): asserts condition;
  export function assertAlmostEquals(
    actual: number,
    expected: number,
    tolerance?: number,
    message?: string,
  ): void;
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertGreater<T>(actual: T, expected: T, message?: string): void;
  export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void;
  export function assertInstanceOf<T>(
    actual: unknown,
    // deno-lint-ignore no-explicit-any
    type: abstract new (...parameters: any[]) => T,
    message?: string,
  ): asserts actual is T;
  export function assertLess<T>(actual: T, expected: T, message?: string): void;
  export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void;
  export function assertMatch(actual: string, pattern: RegExp, message?: string): void;
  export function assertNotEquals<T>(actual: T, unexpected: T, message?: string): void;
  export function assertRejects<E extends Error = Error>(
    operation: () => PromiseLike<unknown>,
    // deno-lint-ignore no-explicit-any
    type?: abstract new (...parameters: any[]) => E,
    messageIncludes?: string,
    message?: string,
  ): Promise<E>;
  export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
  export function assertStringIncludes(actual: string, expected: string, message?: string): void;
  export function assertThrows<E extends Error = Error>(
    operation: () => unknown,
    // deno-lint-ignore no-explicit-any
    type?: abstract new (...parameters: any[]) => E,
    messageIncludes?: string,
    message?: string,
  ): E;
  export function fail(message?: string): never;
}

declare module "@std/cli/parse-args" {
  export interface ParseOptions {
    alias?: Record<string, string | readonly string[]>;
    boolean?: readonly string[];
    collect?: readonly string[];
    default?: Record<string, unknown>;
    negatable?: readonly string[];
    stopEarly?: boolean;
    string?: readonly string[];
    unknown?: (argument: string, key?: string, value?: unknown) => unknown;
  }
  // deno-lint-ignore no-explicit-any
  type Values = Record<string, any>;
  export function parseArgs(
    args: readonly string[],
    options?: ParseOptions,
  ): Values & { _: (string | number)[] };
}

declare module "@std/crypto/timing-safe-equal" {
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}

declare module "@std/csv" {
  export function parse(text: string): string[][];
}

declare module "@std/fmt/colors" {
  export function setColorEnabled(enabled: boolean): void;
  export function getColorEnabled(): boolean;
  export function bold(text: string): string;
  export function cyan(text: string): string;
  export function dim(text: string): string;
  export function green(text: string): string;
  export function red(text: string): string;
  export function yellow(text: string): string;
}

declare module "@std/text/closest-string" {
  export function closestString(given: string, possible: readonly string[]): string;
}

declare module "@std/yaml" {
  export function parse(text: string): unknown;
  export function stringify(value: unknown): string;
}
