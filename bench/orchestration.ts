import { aPublication, type Publication } from "../test/functions/a-publication.ts";
import { numberText, Section } from "./bars.ts";
import { median } from "./interleaved.ts";

const REPLAYS = 400;

/** One publication of ten regions whose replication takes half an hour: what it asks for, and what replaying it takes. */
export async function benchOrchestration(): Promise<Section> {
  const section = new Section("orchestration");
  const [one, ten, fifty] = [
    await aPublication(1, 30),
    await aPublication(10, 30),
    await aPublication(50, 30),
  ];
  section.tell("10 regions, 30 minutes", countsText(ten));
  section.atMost(
    "requests to Resource Manager, 50 regions",
    fifty.armRequests / one.armRequests,
    1,
    "× 1 region",
  );
  section.atMost("executions besides polls", ten.executions - ten.pollExecutions, 30, "");
  section.atMost("executions a poll", ten.pollExecutions / ten.polls, 5, "");
  section.atMost("history", ten.history.length, 300, "events");
  section.atMost("replay of the finished story", await replayMilliseconds(ten), 2, "ms of processor time");
  const bytes = await aPublication(50, 10);
  section.tell("50 regions, 10 minutes", countsText(bytes));
  return section;
}

/** What a publication came to, in words. */
export function countsText(publication: Publication): string {
  const { executions, polls, armRequests, history } = publication;
  return `${executions} executions, ${polls} polls, ${armRequests} requests to Resource Manager, ${numberText(history.length)} events`;
}

async function replayMilliseconds({ history }: Publication): Promise<number> {
  const times: number[] = [];
  for (let replay = 0; replay < REPLAYS; replay++) {
    const before = process.cpuUsage();
    await history.replay();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  // The first ones run code that is not compiled yet.
  return median(times.slice(REPLAYS / 2));
}
