import { durationText } from "../core/duration.ts";
import { markdownCode, markdownTable, markdownText } from "../core/markdown.ts";
import { isFinal } from "../core/outcome.ts";
import type { Reason } from "../core/problem.ts";
import { type Report, type ReportRegion, secondsBetween } from "../core/report.ts";
import { installText } from "./install-line.ts";
import type { Facts } from "./outputs.ts";
import type { PlanRow } from "./plan.ts";

/** What the summary tells of the run that it belongs to. */
export interface SummaryRun {
  readonly id: string;
  readonly attempt: string;
  readonly claims: { readonly runUrl?: string | undefined; readonly commit?: string | undefined };
}

const DETAIL_CHARACTERS = 300;
const LIMIT_BYTES = 1_000_000;

/** The job summary, as Markdown: what came of the release, where it is, what to do next. Safe for any text in it. */
export function summaryOf(facts: Facts, problem: Reason | undefined, run: SummaryRun): string {
  const { report } = facts;
  const parts = [
    `### ${titleOf(facts, problem)}`,
    lineOf(facts, run),
    ...toldOf(facts, problem),
    ...(facts.plan ? [markdownTable(["Setting", "Value"], rowsOf(facts.plan))] : []),
    ...(report ? regionsOf(report) : []),
    ...(report && isInstallable(report, problem) ? installText(report, facts.cloud) : []),
    ...detailsOf(facts),
  ];
  return `${fitting(parts.filter((part) => part !== "")).join("\n\n")}\n`;
}

// GitHub drops a summary of more than 1 MiB as a whole, so what goes beyond it is left out here.
function fitting(parts: readonly string[]): readonly string[] {
  let bytes = 0;
  const first = parts.findIndex((part) => (bytes += Buffer.byteLength(part) + 2) > LIMIT_BYTES);
  return first < 0 ? parts : [...parts.slice(0, first), "The rest is too long for a job summary."];
}

// What went wrong, or what goes on without this job; GitHub sets the first line as a heading with a colour of its own.
function toldOf({ report, submission, outcome }: Facts, problem: Reason | undefined): string[] {
  const reason = problem ?? (report?.outcome === "published" ? null : report?.reason);
  if (reason) {
    const kind = !problem || problem.code === "still-publishing" ? "WARNING" : "CAUTION";
    return [`> [!${kind}]\n> ${quoteOf(reason.message)}\n>\n> **Next step:** ${quoteOf(reason.nextStep)}`];
  }
  if (report || submission === undefined || outcome !== "waiting") return [];
  return [
    "> [!NOTE]\n> The pipeline has it and goes on without this job. Running the job again with `wait: published` joins it.",
  ];
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
  if (!report && state === "waiting") return `⏳ ${name}: handed over`;
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
      ? `In no region${endedAt === null ? " yet" : ""}`
      : ready === all
        ? `In ${all === 1 ? "its region" : `all ${all} regions`}`
        : `In ${ready} of ${all} regions`;
  const time = endedAt === null ? "" : ` after ${durationText(secondsBetween(startedAt, endedAt))}`;
  return `**${where}${time}**`;
}

// What failed comes first. Reasons are long, so they stand below the table and not in it.
function regionsOf({ regions, homeRegion, notes }: Report): string[] {
  const failedFirst = regions.toSorted((a, b) => Number(b.state === "Failed") - Number(a.state === "Failed"));
  const rows = failedFirst.map((region) => [
    `${markdownText(region.name)}${region.name === homeRegion ? " (home)" : ""}`,
    stateText(region),
    region.seconds === null ? "" : durationText(region.seconds),
  ]);
  const details = failedFirst.flatMap(({ name, details }) =>
    details ? [`- **${markdownText(name)}**: ${markdownText(cut(details))}`] : [],
  );
  return [
    ...(rows.length > 0 ? [markdownTable(["Region", "State", "Time"], rows)] : []),
    [...details, ...notes.map((note) => `- ${markdownText(note)}`)].join("\n"),
  ];
}

function stateText({ state, progress }: ReportRegion): string {
  if (state === "Completed") return "✅ Completed";
  if (state === "Failed") return "❌ Failed";
  return state === "Unknown" ? "⏳ Not begun" : `⏳ ${state}, ${progress} %`;
}

// Where the job was content with it, machines in the regions that have it can install it.
function isInstallable({ outcome, regions }: Report, problem: Reason | undefined): boolean {
  if (outcome === "published") return true;
  return outcome === "partly-published" && !problem && regions.some(({ state }) => state === "Completed");
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
  ].flatMap(([what, value]) => (what && value ? [{ what, value }] : []));
  const steps = (report?.steps ?? []).map(({ name, seconds }) => [
    markdownText(name),
    seconds === null ? "under way" : durationText(seconds),
  ]);
  if (rows.length + steps.length === 0) return [];
  const parts = [
    "<details><summary>Details</summary>",
    ...(rows.length > 0 ? [markdownTable(["What", "Value"], rowsOf(rows))] : []),
    ...(steps.length > 0 ? [markdownTable(["Step", "Time"], steps)] : []),
    "</details>",
  ];
  return [parts.join("\n\n")];
}

function rowsOf(rows: readonly PlanRow[]): string[][] {
  return rows.map(({ what, value }) => [what, markdownCode(value)]);
}

// Each line of a text on a line of its own; two blanks at its end make Markdown break there. What is indented by four
// is something to copy.
function quoteOf(text: string): string {
  const lines = text.split("\n").map((line) => {
    const [, indent = ""] = /^ {4}( *)\S/.exec(line) ?? [];
    return line.startsWith("    ")
      ? `${"&nbsp;".repeat(indent.length)}${markdownCode(line)}`
      : markdownText(line);
  });
  return lines.join("  \n> ");
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
