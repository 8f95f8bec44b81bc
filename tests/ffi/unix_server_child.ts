/** Answers whoever connects to the Unix socket at the path given, after its first bytes, with the text given. */
const [path, answer] = Deno.args;
using listener = Deno.listen({ transport: "unix", path: path! });
Deno.stdout.writeSync(new TextEncoder().encode("listening\n"));
for await (const connection of listener) {
  await connection.read(new Uint8Array(4096));
  if (answer === undefined) continue; // keeps whoever asked waiting
  await new Blob([answer]).stream().pipeTo(connection.writable);
}
