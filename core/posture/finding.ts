/** How a check came out. `unknown`: it could not be looked at. */
export type Verdict = "ok" | "warning" | "problem" | "unknown";

/** The groups of checks, in the order in which they are told. */
export const groups = [
  "Packages account",
  "Host account",
  "Gallery and its access",
  "Events",
  "Function app",
  "Who else can",
  "Content",
] as const;

/** What a finding is about. */
export type Group = (typeof groups)[number];

/** What one check found. Plain data: it travels over HTTP. */
export interface Finding {
  readonly group: Group;
  /** Kebab-case, stable: what scripts may branch on. */
  readonly check: string;
  readonly verdict: Verdict;
  readonly says: string;
  /** What to do about it: a command, or a sentence. */
  readonly remedy?: string;
}

/** Something that was read, or why it could not be. */
export type Read<Value> = { readonly value: Value } | { readonly unreadable: string };

/** How a check that holds is told, and how one that does not. */
export interface Telling {
  readonly holds: boolean;
  readonly good: string;
  readonly bad: string;
  readonly remedy: string;
  /** How bad it is; a problem unless said. */
  readonly otherwise?: "warning" | "problem";
}

/** Findings of one group. */
export function tellerOf(group: Group) {
  return {
    check: (check: string, { holds, good, bad, remedy, otherwise = "problem" }: Telling): Finding =>
      holds
        ? { group, check, verdict: "ok", says: good }
        : { group, check, verdict: otherwise, says: bad, remedy },
    ok: (check: string, says: string): Finding => ({ group, check, verdict: "ok", says }),
    unknown: (check: string, says: string, remedy: string): Finding => ({
      ...{ group, check, verdict: "unknown", says, remedy },
    }),
  };
}

/** What `judge` finds in something that was read; one `unknown` when it could not be. */
export function judged<Value>(
  read: Read<Value>,
  place: { readonly group: Group; readonly check: string; readonly what: string },
  judge: (value: Value) => readonly Finding[],
): readonly Finding[] {
  if ("value" in read) return judge(read.value);
  const { group, check, what } = place;
  const says = `${what} could not be read: ${read.unreadable}`;
  const remedy = "See that whoever asks has the role VM Application Doctor, then ask again.";
  return [tellerOf(group).unknown(check, says, remedy)];
}

/** How many findings have each verdict. */
export function countOf(findings: readonly Finding[]): Readonly<Record<Verdict, number>> {
  const count = { ok: 0, warning: 0, problem: 0, unknown: 0 };
  for (const { verdict } of findings) count[verdict] += 1;
  return count;
}
