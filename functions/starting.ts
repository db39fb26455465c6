import { type Drop, dropPrefix, storyInstanceId } from "../core/naming.ts";
import type { OperationRecord } from "../core/operation.ts";
import type { Stories } from "./vocabulary.ts";

/** The story that is told of each drop. */
export const STORY = "publishRelease";

/** The story that is told of each operation on a published version. */
export const UPDATE_STORY = "updateVersion";

/** More generations than anyone starts by hand; a bound for a loop over what storage says. */
const MOST_GENERATIONS = 1000;

/** A drop's newest instance: the one that runs, or the next one that can be started. */
export interface NewestInstance {
  readonly instanceId: string;
  readonly generation: number;
  readonly isRunning: boolean;
}

/** The newest instance of a drop, its generation no lower than `from`. */
export async function newestInstance(stories: Stories, drop: Drop, from = 0): Promise<NewestInstance> {
  for (let generation = from; generation < MOST_GENERATIONS; generation++) {
    const instanceId = storyInstanceId(drop, generation);
    const status = await stories.status(instanceId);
    if (status !== "ended") return { instanceId, generation, isRunning: status === "running" };
  }
  throw new Error(`${dropPrefix(drop)} had ${MOST_GENERATIONS} stories already`);
}

/** Starts the story of a drop in that generation. `again`: also when the submission has its ending. */
export function startPublishing(
  stories: Stories,
  drop: Drop,
  { instanceId, generation }: NewestInstance,
  { again = false } = {},
): Promise<void> {
  return stories.start(instanceId, STORY, { drop, generation, ...(again && { again }) });
}

/** The newest instance of an operation on a published version. */
export function newestOperation(
  stories: Stories,
  id: string,
  { operation }: OperationRecord,
): Promise<NewestInstance> {
  const { application, version } = operation;
  return newestInstance(stories, { application, version, folder: id });
}

/** Starts an operation's story in that generation. `again`: also when the operation has its ending. */
export function startUpdating(
  stories: Stories,
  id: string,
  { operation, askedBy }: OperationRecord,
  { instanceId }: NewestInstance,
  { again = false } = {},
): Promise<void> {
  return stories.start(instanceId, UPDATE_STORY, {
    ...{ operation, submission: id, askedBy },
    ...(again && { again }),
  });
}
