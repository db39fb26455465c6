import type { RefusalContext } from "../../core/refusals.ts";
import type { Ports } from "../../functions/ports.ts";
import { createStoryActivities, type StoryActivities } from "../../functions/story-activities.ts";
import type { Stories, StoryStatus } from "../../functions/vocabulary.ts";

/** Instances of stories in memory: what was asked for, with statuses that a test sets. */
export class InMemoryStories implements Stories {
  readonly statuses = new Map<string, StoryStatus>();
  readonly log: string[] = [];
  /** What activities wrote to the function app's log. */
  readonly lines: string[] = [];

  async status(instanceId: string): Promise<StoryStatus> {
    return this.statuses.get(instanceId) ?? "absent";
  }

  async start(instanceId: string, story: string, input: object): Promise<void> {
    this.log.push(`start ${story} ${JSON.stringify(input)}`);
    this.statuses.set(instanceId, "running");
  }

  async raise(instanceId: string, event: string): Promise<void> {
    this.log.push(`raise ${event} ${instanceId}`);
  }

  async purge(before: string): Promise<number> {
    const ended = [...this.statuses].filter(([, status]) => status === "ended");
    for (const [instanceId] of ended) this.statuses.delete(instanceId);
    this.log.push(`purge ${before}`);
    return ended.length;
  }
}

/** The activities that work on stories, on these. */
export function storyActivitiesOn(
  stories: InMemoryStories,
  ports: Ports,
  names: RefusalContext,
): StoryActivities {
  const host = { stories, log: (line: string) => void stories.lines.push(line) };
  return Object.fromEntries(
    Object.entries(createStoryActivities(ports, names)).map(([name, act]) => [
      name,
      (input: never) => act(input, host),
    ]),
  ) as unknown as StoryActivities;
}
