import { oneLine } from "../core/markdown.ts";

/**
 * `text` as one line of a job's log that the runner cannot mistake for a command: it obeys lines that begin with `::`
 * and anything after `##[`, and texts from Azure or file names are nobody's commands.
 */
export function logLine(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? "";
  const line = oneLine(text).replace(/##\[/g, "##(").replace(/^::/, ": :");
  return indent + line;
}
