/** A fenced block of shell commands in a document. */
export interface ShellBlock {
  /** The line of its first command, from 1. */
  readonly line: number;
  readonly text: string;
  /** False where the fence says `sh ignore`: it needs a cluster, a registry or root, or takes minutes. */
  readonly isRun: boolean;
}

const FENCE = /^ {0,3}```(sh(?: ignore)?)\n([^]*?)^ {0,3}```$/gm;
const TASK = /\bdeno(?:@[\d.]+)? task ([a-z-]+)/g;

/** The shell blocks of a Markdown document, in its order. */
export function shellBlocks(markdown: string): ShellBlock[] {
  return [...markdown.matchAll(FENCE)].map(({ index, 1: info, 2: text }) => ({
    line: markdown.slice(0, index).split("\n").length + 1,
    text: text!,
    isRun: info === "sh",
  }));
}

/** The names of the tasks that `text` runs. */
export function tasksIn(text: string): string[] {
  return [...text.matchAll(TASK)].map(([, name]) => name!);
}
