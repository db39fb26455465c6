import { writeFileSync } from "node:fs";
import { format } from "prettier";
import { tableOf } from "./bars.ts";
import type { MeasuredParts } from "./measured-parts.ts";

/** Writes the page of what was measured last of each part. */
export async function writePage(
  file: string,
  measured: MeasuredParts,
  parts: readonly string[],
): Promise<void> {
  const lacking = parts.filter((name) => !measured.has(name));
  const left = lacking.length > 0 ? [`Not measured yet: ${lacking.join(", ")}.`] : [];
  const page = [
    "# Performance",
    "What `npm run bench` measured. Times are medians of whole processes, from their start to their exit, run in turns (A B C A",
    "B C …); ratios are medians of the rounds' ratios. Uploads go over TLS to a server that throws the bytes away and answers as",
    "Blob Storage does, in a process of its own. “The link” is played by that server: 250 MB/s in all, 60 MB/s a connection, and",
    "20 ms before each answer, of Entra and GitHub too. Nothing here was measured on Azure.",
    "",
    tableOf(measured.rows(parts)),
    "",
    "- Through the pipeline, four processes share this machine's processors that are four machines in reality: runner, front",
    "  end, function app and storage. The function app runs in the local host, whose process holds host and app. Storage",
    "  behind it answers at once. Where the processors are the limit, the slower link tells more.",
    "- rclone is measured without a sign-in: Debian's version takes no federated token.",
    ...[...measured.lines(parts), ...left].map((line) => `- ${line}`),
  ];
  writeFileSync(file, await format(`${page.join("\n")}\n`, { parser: "markdown", printWidth: 120 }));
}
