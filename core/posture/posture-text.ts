import { oneLine } from "../markdown.ts";
import { type Finding, groups, type Verdict } from "./finding.ts";
import type { Posture } from "./posture.ts";

const MARKS: Readonly<Record<Verdict, string>> = { ok: "ok", warning: "!!", problem: "XX", unknown: "??" };
const COLORS: Readonly<Record<Verdict, string>> = { ok: "32", warning: "33", problem: "31", unknown: "36" };

/** The posture for people: groups, what is well, what is not and what to do about it, and the sum. */
export function postureText({ findings, count }: Posture, { color }: { readonly color: boolean }): string {
  const paint = (verdict: Verdict, text: string): string =>
    color ? `\u001b[${COLORS[verdict]}m${text}\u001b[0m` : text;
  const blocks = groups.flatMap((group) => {
    const its = findings.filter((finding) => finding.group === group);
    return its.length === 0 ? [] : [[group, ...its.flatMap((finding) => linesOf(finding, paint))].join("\n")];
  });
  const sum = (["problem", "warning", "unknown", "ok"] as const)
    .filter((verdict) => count[verdict] > 0)
    .map((verdict) => paint(verdict, `${count[verdict]} ${nounOf(verdict, count[verdict])}`));
  return `${blocks.join("\n\n")}\n\n${sum.join(", ")}\n`;
}

function linesOf(finding: Finding, paint: (verdict: Verdict, text: string) => string): string[] {
  const { verdict, says, remedy } = finding;
  const line = `  ${paint(verdict, MARKS[verdict])}  ${oneLine(says)}`;
  return remedy === undefined ? [line] : [line, `        → ${oneLine(remedy)}`];
}

function nounOf(verdict: Verdict, count: number): string {
  if (verdict === "ok") return "ok";
  if (verdict === "unknown") return "not seen";
  return count === 1 ? verdict : `${verdict}s`;
}
