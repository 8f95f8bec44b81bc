/**
 * Tables in the documentation, for tests that hold them against the code.
 *
 * @module
 */

/**
 * The rows, as cells, of the table with these headings.
 *
 * @throws {Error} there is none
 */
export function tableOf(markdown: string, ...headings: readonly string[]): string[][] {
  const lines = markdown.split("\n").map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const header = lines.findIndex((cells) => cells.join() === headings.join());
  if (header < 0) throw new Error(`The document has no table of ${headings.join(", ")}.`);
  const end = lines.findIndex((cells, i) => i > header && cells.length === 0);
  return lines.slice(header + 2, end);
}
