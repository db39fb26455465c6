import { approvalPath, parseApproval } from "../core/approval.ts";
import { isDead, isSuspicious } from "../core/dead-holder.ts";
import type { Holder, HolderName } from "../core/lease.ts";
import { isFinal } from "../core/outcome.ts";
import type { RefusalContext, Unavailable } from "../core/refusals.ts";
import { earlier, parseReport } from "../core/report.ts";
import { operationPath, parseOperation } from "../core/operation.ts";
import {
  type ListedBlob,
  type ListedOperation,
  listedOperations,
  type ListedSubmission,
  listedSubmissions,
} from "../core/unreported.ts";
import type { Submission } from "../core/naming.ts";
import { answered } from "./answered.ts";
import { expireUploads } from "./expire-uploads.ts";
import type { Ports } from "./ports.ts";
import {
  newestInstance,
  type NewestInstance,
  newestOperation,
  startPublishing,
  startUpdating,
} from "./starting.ts";
import type { Stories, StoryHost, StoryStatus } from "./vocabulary.ts";

type Made = ReturnType<typeof createStoryActivities>;

/** The activities that work on stories' instances, by the name they are registered under. */
export type StoryActivities = {
  readonly [Name in keyof Made]: (input: Parameters<Made[Name]>[0]) => ReturnType<Made[Name]>;
};

/** What a look at all submissions, or at all operations, came to. */
export interface Restarted {
  /** Those without a final report. */
  readonly unfinished: number;
  /** Those of them that had no story: nothing announced them, or their story ended without a word. */
  readonly started: number;
}

/** One of them, as far as listings tell, and how its story is started unless it runs. */
interface Candidate {
  readonly name: string;
  readonly report: ListedBlob | undefined;
  readonly arrivedAt: string;
  readonly start: () => Promise<"running" | "started" | "given up">;
}

/** More starts than this wait for the next look. */
const MOST_STARTS = 500;
/** A submission whose stories never come to a report is left to people after as many of them. */
const MOST_GENERATIONS = 24;
/** What was asked for longer ago is not brought about any more without being asked for again. */
const OPERATION_DAYS = 7;

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
        const submissions = listedSubmissions(dropped, reports).filter(
          ({ arrivedAt }) => Date.parse(arrivedAt) <= Date.parse(before),
        );
        const candidates = submissions.map((submission) => submissionCandidate(stories, submission));
        return startEach(candidates, finished, log);
      }, names),

    /** The same for operations on published versions, of the last days. */
    startUnfinishedOperations: (
      { before }: { before: string },
      { stories, log }: StoryHost,
    ): Promise<Restarted | Unavailable> =>
      answered(async () => {
        const oldest = earlier(before, OPERATION_DAYS * 86_400);
        const operations = listedOperations(await ports.reports.listAll()).filter(
          ({ askedAt }) =>
            Date.parse(oldest) <= Date.parse(askedAt) && Date.parse(askedAt) <= Date.parse(before),
        );
        const candidates = operations.map((operation) =>
          operationCandidate(stories, ports.reports, operation),
        );
        return startEach(candidates, finished, log);
      }, names),

    /** Gives up what was opened through the endpoints and never committed. */
    expireUploads: ({ at }: { at: string }): Promise<number | Unavailable> =>
      answered(() => expireUploads(ports.reports, at), names),

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

async function startEach(
  candidates: readonly Candidate[],
  finished: FinishedReports,
  log: StoryHost["log"],
): Promise<Restarted> {
  let unfinished = 0;
  let started = 0;
  for (const candidate of candidates) {
    if (started >= MOST_STARTS || (await finished.has(candidate))) continue;
    unfinished++;
    const outcome = await candidate.start();
    if (outcome === "running") continue;
    if (outcome === "started") started++;
    log(`${candidate.name}: had no story; ${outcome}`);
  }
  return { unfinished, started };
}

function submissionCandidate(stories: Stories, listed: ListedSubmission): Candidate {
  const { drop, submission, report, arrivedAt } = listed;
  const { application, version } = submission;
  return {
    ...{ name: `${application}/${version}/${submission.submission}`, report, arrivedAt },
    start: async () => {
      const newest = await newestInstance(stories, drop);
      return unlessRunning(newest, () => startPublishing(stories, drop, newest));
    },
  };
}

function operationCandidate(
  stories: Stories,
  reports: Ports["reports"],
  { release, id, report, askedAt }: ListedOperation,
): Candidate {
  return {
    ...{ name: `${release.application}/${release.version}/${id}`, report, arrivedAt: askedAt },
    start: async () => {
      const found = await reports.read(operationPath(release, id));
      if (!found) return "given up";
      const record = parseOperation(found.text);
      const newest = await newestOperation(stories, id, record);
      return unlessRunning(newest, () => startUpdating(stories, id, record, newest));
    },
  };
}

async function unlessRunning(newest: NewestInstance, start: () => Promise<void>) {
  if (newest.isRunning) return "running";
  if (newest.generation >= MOST_GENERATIONS) return "given up";
  await start();
  return "started";
}

/** Which reports are the last word. Each is read once for as long as it is not written again. */
class FinishedReports {
  readonly #final = new Map<string, string>();
  readonly #reports: Ports["reports"];

  constructor(reports: Ports["reports"]) {
    this.#reports = reports;
  }

  async has({ report, arrivedAt }: Candidate): Promise<boolean> {
    if (!report) return false;
    if (this.#final.get(report.path) === report.etag) return true;
    const present = await this.#reports.read(report.path);
    if (!present) return false;
    const { outcome, approval, ...told } = parseReport(present.text);
    // There is nothing to do for what waits for people, until they have spoken.
    if (outcome === "awaiting-approval") return !(await this.#isApproved(told, approval?.manifestSha256));
    if (!isFinal(outcome)) return false;
    // What completes a submission that was given up as incomplete begins it again.
    if (outcome === "incomplete" && Date.parse(arrivedAt) > Date.parse(report.writtenAt)) return false;
    if (outcome !== "incomplete") this.#final.set(report.path, report.etag);
    return true;
  }

  async #isApproved(submission: Submission, manifestSha256: string | undefined): Promise<boolean> {
    const found = await this.#reports.read(approvalPath(submission));
    return found !== undefined && parseApproval(found.text).manifestSha256 === manifestSha256;
  }
}
