import type { Stories, StoryStatus } from "./vocabulary.ts";

type Made = ReturnType<typeof createStoryActivities>;

/** The activities that work on stories' instances, by the name they are registered under. */
export type StoryActivities = {
  readonly [Name in keyof Made]: (input: Parameters<Made[Name]>[0]) => ReturnType<Made[Name]>;
};

/** What stories can have done about stories. Each is safe to run twice. */
export function createStoryActivities() {
  return {
    /** How an instance stands. */
    readStoryStatus: (input: { instanceId: string }, stories: Stories): Promise<StoryStatus> =>
      stories.status(input.instanceId),
  };
}
