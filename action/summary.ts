import { markdownCode, markdownText } from "../core/markdown.ts";
import type { Reason } from "../core/problem.ts";
import { reportMarkdown } from "../core/report.ts";
import type { Facts } from "./outputs.ts";

/** The job summary: what came of the release as Markdown, and the problem that the report does not tell of. */
export function summaryOf(facts: Facts, problem: Reason | undefined): string {
  const { report } = facts;
  if (!report) return [heading(facts, problem), ...problemPart(problem)].join("\n\n").concat("\n");
  const isTold = problem === undefined || problem.code === report.reason?.code;
  return isTold
    ? reportMarkdown(report)
    : [reportMarkdown(report), ...problemPart(problem)].join("\n").concat("\n");
}

function heading({ application, version, submission, outcome }: Facts, problem: Reason | undefined): string {
  const release = [application, version].filter((part) => part !== undefined).join(" ") || "VM application";
  const state = problem ? "not published" : (outcome ?? "submitted");
  const title = `### ${problem ? "❌" : "⏳"} ${markdownText(release)}: ${state}`;
  return submission === undefined ? title : `${title}\n\n- Submission: ${markdownCode(submission)}`;
}

function problemPart(problem: Reason | undefined): string[] {
  return problem ? [markdownText(problem.message), `**Next step:** ${markdownText(problem.nextStep)}`] : [];
}
