import { isDead, isSuspicious } from "../core/dead-holder.ts";
import type { Holder, HolderName } from "../core/lease.ts";
import { isFinal } from "../core/outcome.ts";
import type { RefusalContext, Unavailable } from "../core/refusals.ts";
import { parseReport } from "../core/report.ts";
import type { Drop } from "../core/naming.ts";
import { type ListedSubmission, listedSubmissions } from "../core/unreported.ts";
import { answered } from "./answered.ts";
import type { Ports } from "./ports.ts";
import { newestInstance, startPublishing } from "./starting.ts";
import type { Stories, StoryHost, StoryStatus } from "./vocabulary.ts";

type Made = ReturnType<typeof createStoryActivities>;

/** The activities that work on stories' instances, by the name they are registered under. */
export type StoryActivities = {
  readonly [Name in keyof Made]: (input: Parameters<Made[Name]>[0]) => ReturnType<Made[Name]>;
};

/** What a look at the drop box came to. */
export interface Restarted {
  /** Submissions without a final report. */
  readonly unfinished: number;
  /** Those of them that had no story: nothing announced them, or their story ended without a word. */
  readonly started: number;
}

/** More starts than this wait for the next look. */
const MOST_STARTS = 500;
/** A submission whose stories never come to a report is left to people after as many of them. */
const MOST_GENERATIONS = 24;

/** What stories can have done about stories. Each is safe to run twice. */
export function createStoryActivities(ports: Ports, names: RefusalContext) {
  const finished = new FinishedReports(ports.reports);

  return {
    /** How an instance stands. */
    readStoryStatus: (input: { instanceId: string }, { stories }: StoryHost): Promise<StoryStatus> =>
      stories.status(input.instanceId),

    /** Starts the story of every submission that came before that time, has none, and no final report. */
    startUnfinished: (
      { before }: { before: string },
      { stories, log }: StoryHost,
    ): Promise<Restarted | Unavailable> =>
      answered(async () => {
        const [dropped, reports] = await Promise.all([ports.packages.listAll(), ports.reports.listAll()]);
        const candidates = listedSubmissions(dropped, reports).filter(
          ({ arrivedAt }) => Date.parse(arrivedAt) <= Date.parse(before),
        );
        let unfinished = 0;
        let started = 0;
        for (const candidate of candidates) {
          if (started >= MOST_STARTS || (await finished.has(candidate))) continue;
          unfinished++;
          const outcome = await startUnlessRunning(stories, candidate.drop);
          if (outcome === "running") continue;
          if (outcome === "started") started++;
          const { application, version, submission } = candidate.submission;
          log(`${application}/${version}/${submission}: had no story; ${outcome}`);
        }
        return { unfinished, started };
      }, names),

    /** Which of a lease's holders are positively dead. */
    findDeadHolders: async (
      { holders, at }: { holders: readonly Holder[]; at: string },
      { stories }: StoryHost,
    ): Promise<HolderName[]> => {
      const now = Math.floor(Date.parse(at) / 1000);
      const dead: HolderName[] = [];
      for (const holder of holders) {
        const isRunning = (await stories.status(holder.id)) === "running";
        if (!isSuspicious(holder, isRunning, now)) continue;
        const version = await ports.gallery.readVersion(holder).catch(() => "unreadable" as const);
        if (isDead(holder, version, now)) dead.push({ id: holder.id, token: holder.token });
      }
      return dead;
    },

    /** Forgets instances that began before that time and have ended. */
    purgeFinished: ({ before }: { before: string }, { stories }: StoryHost): Promise<number> =>
      stories.purge(before),

    /** Writes a line to the function app's log. */
    log: ({ line }: { line: string }, { log }: StoryHost): Promise<null> => {
      log(line);
      return Promise.resolve(null);
    },
  };
}

async function startUnlessRunning(stories: Stories, drop: Drop): Promise<"running" | "started" | "given up"> {
  const newest = await newestInstance(stories, drop);
  if (newest.isRunning) return "running";
  if (newest.generation >= MOST_GENERATIONS) return "given up";
  await startPublishing(stories, drop, newest);
  return "started";
}

/** Which reports are the last word. Each is read once for as long as it is not written again. */
class FinishedReports {
  readonly #final = new Map<string, string>();
  readonly #reports: Ports["reports"];

  constructor(reports: Ports["reports"]) {
    this.#reports = reports;
  }

  async has({ report, arrivedAt }: ListedSubmission): Promise<boolean> {
    if (!report) return false;
    if (this.#final.get(report.path) === report.etag) return true;
    const present = await this.#reports.read(report.path);
    const outcome = present && parseReport(present.text).outcome;
    if (outcome === undefined || !isFinal(outcome)) return false;
    // What completes a submission that was given up as incomplete begins it again.
    if (outcome === "incomplete" && Date.parse(arrivedAt) > Date.parse(report.writtenAt)) return false;
    if (outcome !== "incomplete") this.#final.set(report.path, report.etag);
    return true;
  }
}
