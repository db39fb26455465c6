import { durationText } from "../core/duration.ts";
import { type Report, reportLine, secondsBetween } from "../core/report.ts";

/** A submission's way as text: each step with how long it took, then the table of regions. */
export function journeyText(report: Report): string {
  const total = report.endedAt ? secondsBetween(report.startedAt, report.endedAt) : 0;
  const steps = report.steps.map((step) => [
    step.name,
    step.seconds === null ? "…" : durationText(step.seconds),
  ]);
  const regions = report.regions.map((region) => [
    region.name,
    region.state,
    `${region.progress} %`,
    region.seconds === null ? "" : durationText(region.seconds),
    region.details ?? "",
  ]);
  const paragraphs = [
    columns([...steps, ["in all", durationText(total)]]),
    regions.length > 0 ? columns([["Region", "State", "Progress", "Time", ""], ...regions]) : [],
    report.notes.map((note) => `Note: ${note}`),
    [reportLine(report)],
  ];
  return paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
}
