import { durationText } from "../core/duration.ts";
import { type Candidate, candidates, candidateText, type ProbeResult } from "../core/posture/probe.ts";
import type { Trial } from "../core/posture/probe.ts";
import { refusalOf } from "../core/refusals.ts";
import { cleanUp, type Made } from "./clean-up.ts";
import type { ProbeGallery } from "./probe-gallery.ts";
import type { ProbeStage } from "./probe-stage.ts";

// A role may take ten minutes to be felt; a copy within one region is a matter of minutes.
const GRANT_SECONDS = 15 * 60;
const REPLICATION_SECONDS = 60 * 60;
const PAUSE_SECONDS = 30;

/** Publishes 1 KB with one role after the other, until one works, and takes away whatever it made. */
export async function probe(stage: ProbeStage, tell: (line: string) => void): Promise<ProbeResult> {
  const trials: Trial[] = [];
  const leftBehind: string[] = [];
  const tidied = async <Result>(work: (made: Made[]) => Promise<Result>): Promise<Result> => {
    const made: Made[] = [];
    try {
      return await work(made);
    } finally {
      const left = await cleanUp(made, stage.waitAlways);
      for (const command of left) tell(`Left behind; to remove it: ${command}`);
      leftBehind.push(...left);
    }
  };
  await tidied(async (made) => {
    const mediaLink = await stage.putPackage(made);
    for (const candidate of candidates) {
      tell(`Trying ${candidateText(candidate)}.`);
      const trial = await tidied((ofTrial) => tryOne(stage, candidate, mediaLink, ofTrial));
      tell(`${trial.worked ? "It works" : "It does not work"}: ${trial.says}`);
      trials.push(trial);
      if (trial.worked) break;
    }
  });
  return { trials, leftBehind };
}

async function tryOne(
  stage: ProbeStage,
  candidate: Candidate,
  mediaLink: string,
  made: Made[],
): Promise<Trial> {
  const gallery = await stage.createGallery(candidates.indexOf(candidate) + 1, made);
  await gallery.give(candidate, made);
  for (let waited = 0; ; waited += PAUSE_SECONDS) {
    const refused = await gallery.putVersion(mediaLink, made);
    if (!refused) return { ...candidate, ...(await replicated(gallery, waited, stage)) };
    const { kind, reason } = refusalOf(refused);
    if (kind === "final" || waited >= GRANT_SECONDS) {
      return {
        ...candidate,
        worked: false,
        says: `refused for ${durationText(waited)}: ${reason.message} [${refused.code}]`,
      };
    }
    await stage.wait(PAUSE_SECONDS);
  }
}

async function replicated(
  gallery: ProbeGallery,
  waitedSeconds: number,
  { wait }: ProbeStage,
): Promise<Pick<Trial, "worked" | "says">> {
  const accepted = `accepted after ${durationText(waitedSeconds)}`;
  for (let waited = 0; waited <= REPLICATION_SECONDS; waited += PAUSE_SECONDS) {
    const { state, details } = await gallery.versionState();
    if (state === "Succeeded") return { worked: true, says: `${accepted}, and replicated` };
    if (state === "Failed") return { worked: false, says: `${accepted}, and then it failed: ${details}` };
    await wait(PAUSE_SECONDS);
  }
  return { worked: false, says: `${accepted}, and not replicated in ${durationText(REPLICATION_SECONDS)}` };
}
