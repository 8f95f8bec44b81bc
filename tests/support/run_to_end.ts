/** How a program ended and what it said. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program, with nothing on its standard input, until it ends by itself or by the signal of `options`. */
export async function runToEnd(program: string, options: Deno.CommandOptions): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(program, { ...options, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
