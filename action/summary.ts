import { durationText } from "../core/duration.ts";
import { markdownCode, markdownTable, markdownText } from "../core/markdown.ts";
import { isFinal } from "../core/outcome.ts";
import type { Reason } from "../core/problem.ts";
import { type Report, type ReportRegion, secondsBetween } from "../core/report.ts";
import { installText } from "./install-line.ts";
import type { Facts } from "./outputs.ts";

/** What the summary tells of the run that it belongs to. */
export interface SummaryRun {
  readonly id: string;
  readonly attempt: string;
  readonly claims: { readonly runUrl?: string | undefined; readonly commit?: string | undefined };
}

const DETAIL_CHARACTERS = 300;

/** The job summary, as Markdown: what came of the release, where it is, what to do next. Safe for any text in it. */
export function summaryOf(facts: Facts, problem: Reason | undefined, run: SummaryRun): string {
  const { report } = facts;
  const told =
    problem ?? (report && report.outcome !== "published" ? (report.reason ?? undefined) : undefined);
  return [
    `### ${titleOf(facts, problem)}`,
    lineOf(facts, run),
    ...(told ? [`> ${quoteOf(told.message)}\n>\n> **Next step:** ${quoteOf(told.nextStep)}`] : []),
    ...(facts.plan ? [table(facts.plan.map(({ what, value }) => [what, markdownCode(value)]))] : []),
    ...(report && report.regions.length > 0 ? [regionTable(report)] : []),
    ...(report?.outcome === "published" ? installText(report, facts.cloud) : []),
    ...(report?.notes ?? []).map((note) => `> ${markdownText(note)}`),
    ...detailsOf(facts),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

function titleOf(
  { application, version, outcome, report, plan }: Facts,
  problem: Reason | undefined,
): string {
  const release = [application, version].filter((part) => part !== undefined).join(" ") || "VM application";
  const name = markdownText(release);
  const state = report?.outcome ?? outcome;
  if (state === "published") return `✅ ${name} is published`;
  if (problem?.code === "still-publishing") return `⏳ ${name}: still ${state ?? "waiting"}`;
  if (plan && !problem) return `🔍 ${name}: dry run, nothing was written`;
  if (problem) return `❌ ${name}: ${state === undefined || !isFinal(state) ? "not published" : state}`;
  return `${state === "partly-published" ? "⚠️" : "⏳"} ${name}: ${state ?? "submitted"}`;
}

// One line that answers what one looks for first: where, how long, which run.
function lineOf({ report, submission, sha256 }: Facts, { claims, id, attempt }: SummaryRun): string {
  const digest = report?.sha256 ?? sha256;
  const parts = [
    ...(report ? [whereText(report)] : []),
    ...(digest ? [`SHA-256 ${markdownCode(`${digest.slice(0, 12)}…`)}`] : []),
    ...(claims.runUrl ? [`[run ${id}, attempt ${attempt}](${safeUrl(claims.runUrl)})`] : []),
    ...(claims.commit ? [`commit ${markdownCode(claims.commit.slice(0, 7))}`] : []),
    ...(!report && submission !== undefined ? [`submission ${markdownCode(submission)}`] : []),
  ];
  return parts.join(" · ");
}

function whereText({ regions, startedAt, endedAt }: Report): string {
  const ready = regions.filter(({ state }) => state === "Completed").length;
  const all = regions.length;
  const where =
    all === 0
      ? "In no region yet"
      : ready === all
        ? `In ${all === 1 ? "its region" : `all ${all} regions`}`
        : `In ${ready} of ${all} regions`;
  const time = endedAt === null ? "" : ` after ${durationText(secondsBetween(startedAt, endedAt))}`;
  return `**${where}${time}**`;
}

function regionTable({ regions, homeRegion }: Report): string {
  const isDone = regions.every(({ state, details }) => state === "Completed" && !details);
  const rows = regions.map((region) => {
    const name = `${markdownText(region.name)}${region.name === homeRegion ? " (home)" : ""}`;
    const time = region.seconds === null ? "" : durationText(region.seconds);
    const row = [name, stateText(region), time];
    return isDone ? row : [...row, markdownText(cut(region.details ?? ""))];
  });
  return markdownTable(isDone ? ["Region", "State", "Time"] : ["Region", "State", "Time", "Detail"], rows);
}

function stateText({ state, progress }: ReportRegion): string {
  if (state === "Completed") return "✅ Completed";
  if (state === "Failed") return "❌ Failed";
  return `⏳ ${state}, ${progress} %`;
}

function detailsOf({ report, submission, sha256 }: Facts): string[] {
  const rows = [
    ["Version id", report?.versionId],
    ["SHA-256 of the package", report?.sha256 ?? sha256],
    ["Package in the vault", report?.blobUrl],
    ["Submission", report?.submission ?? submission],
    ["Attested workflow", report?.provenance?.workflow],
    ["Attested commit", report?.provenance?.commit],
    ["Attested run", report?.provenance?.runUrl],
  ].flatMap(([what, value]) => (what && value ? [[what, markdownCode(value)]] : []));
  const steps = (report?.steps ?? []).map(({ name, seconds }) => [
    markdownText(name),
    seconds === null ? "under way" : durationText(seconds),
  ]);
  if (rows.length + steps.length === 0) return [];
  return [
    "<details><summary>Details</summary>",
    ...(rows.length > 0 ? [table(rows)] : []),
    ...(steps.length > 0 ? [markdownTable(["Step", "Time"], steps)] : []),
    "</details>",
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  return markdownTable(["", ""], rows);
}

// Each line of a text on a line of its own; two blanks at its end make Markdown break there.
function quoteOf(text: string): string {
  return text.split("\n").map(markdownText).join("  \n> ");
}

function cut(text: string): string {
  return text.length > DETAIL_CHARACTERS ? `${text.slice(0, DETAIL_CHARACTERS)}…` : text;
}

// GitHub's own address of the run; of anything else only what cannot end a link is left.
function safeUrl(text: string): string {
  const url = URL.parse(text);
  return url?.protocol === "https:"
    ? url.href.replace(/[()<>\s\\]/g, (character) => encodeURIComponent(character))
    : "";
}
