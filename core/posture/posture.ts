import { accountChecks } from "./account-checks.ts";
import { appChecks } from "./app-checks.ts";
import { approverChecks } from "./approver-checks.ts";
import { contentChecks } from "./content-checks.ts";
import { eventChecks } from "./event-checks.ts";
import type { PostureFacts } from "./facts.ts";
import { countOf, type Finding, type Verdict } from "./finding.ts";
import { galleryChecks } from "./gallery-checks.ts";
import { powerChecks } from "./power-checks.ts";
import { rightsChecks } from "./rights-checks.ts";

/** How a deployment stands: what `GET /api/posture` answers and `npm run doctor -- --json` prints. */
export interface Posture {
  /** ISO 8601. */
  readonly at: string;
  readonly count: Readonly<Record<Verdict, number>>;
  readonly findings: readonly Finding[];
}

/** The posture that the facts show. */
export function postureOf(facts: PostureFacts): Posture {
  return postureFrom(facts.at, [
    ...accountChecks(facts),
    ...galleryChecks(facts),
    ...eventChecks(facts),
    ...appChecks(facts),
    ...rightsChecks(facts),
    ...powerChecks(facts),
    ...approverChecks(facts),
    ...contentChecks(facts),
  ]);
}

/** The posture of these findings. */
export function postureFrom(at: string, findings: readonly Finding[]): Posture {
  return { at, count: countOf(findings), findings };
}

/** The posture in which what `seen` could not look at is told as somebody else saw it. */
export function completedBy(seen: Posture, others: Posture): Posture {
  const blind = new Set(seen.findings.filter(({ verdict }) => verdict === "unknown").map(keyOf));
  const kept = seen.findings.filter((finding) => !blind.has(keyOf(finding)));
  const known = new Set(kept.map(keyOf));
  const filled = others.findings.filter((finding) => !known.has(keyOf(finding)));
  const open = seen.findings.filter(
    (finding) => blind.has(keyOf(finding)) && !filled.some(({ group }) => group === finding.group),
  );
  return postureFrom(seen.at, [...kept, ...filled, ...open]);
}

function keyOf({ group, check }: Finding): string {
  return `${group} ${check}`;
}
