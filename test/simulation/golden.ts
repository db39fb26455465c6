import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";
import { answerFrom, answerFromFailure } from "../../local/functions-host/durable/actions.ts";
import {
  eventType,
  type HistoryEvent,
  isScheduled,
  jsonTextOf,
} from "../../local/functions-host/durable/history.ts";
import type { Instance } from "../../local/functions-host/durable/instance.ts";
import { replayActions } from "../../local/functions-host/durable/replay.ts";
import { triggerInputOf } from "../../local/functions-host/durable/turn.ts";
import { thePipeline, type Told } from "./pipeline.ts";
import { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import { SimulatedWorld } from "./simulated-world.ts";
import { PEACE, Trouble } from "./trouble.ts";

const require = createRequire(import.meta.url);
const { Orchestrator } = require("durable-functions/lib/src/orchestrations/Orchestrator.js");

/** An orchestration that once ran to its end, as the extension keeps it. */
export type GoldenHistory = Pick<
  Instance,
  "instanceId" | "executionId" | "name" | "input" | "output" | "history"
>;

/** Has a scenario happen without any trouble and gives the orchestrations of that name. */
export async function recordHistories(
  scenario: Scenario,
  name: string,
  told?: Told,
): Promise<GoldenHistory[]> {
  const random = new Random(1);
  const world = new SimulatedWorld({
    ...{ random, scenario, pipeline: thePipeline({}, told), traces: false },
    trouble: (now) => new Trouble(random, now, PEACE),
  });
  await world.run();
  return [...world.host.hub.instances.values()]
    .filter((instance) => instance.name === name)
    .map(({ instanceId, executionId, input, output, history }) => ({
      ...{ instanceId, executionId, name, input, output, history },
    }));
}

/** Where an orchestrator asks for something else than the history says, turn by turn; nothing when it is the same. */
export async function differencesFrom(golden: GoldenHistory, orchestrator: unknown): Promise<string[]> {
  const differences: string[] = [];
  const turns = turnsOf(golden.history);
  for (const [index, { before, rows, scheduled }] of turns.entries()) {
    const asked = await askedIn(golden, orchestrator, before, rows);
    const isLast = index === turns.length - 1;
    if (typeof asked === "string") differences.push(`turn ${index + 1}: ${asked}`);
    else if (!isDeepStrictEqual(asked.scheduled, scheduled)) {
      differences.push(`turn ${index + 1}: ${shown(asked.scheduled)} instead of ${shown(scheduled)}`);
    } else if (isLast && asked.output !== golden.output) {
      differences.push(`the end: ${asked.output} instead of ${golden.output}`);
    }
  }
  return differences;
}

interface TurnRows {
  readonly before: readonly HistoryEvent[];
  /** What the turn took in. */
  readonly rows: readonly HistoryEvent[];
  /** What it asked for. */
  readonly scheduled: readonly HistoryEvent[];
}

function turnsOf(history: readonly HistoryEvent[]): TurnRows[] {
  const starts = history.flatMap(({ EventType }, index) =>
    EventType === eventType.orchestratorStarted ? [index] : [],
  );
  return starts.map((start, index) => {
    const turn = history.slice(start, starts[index + 1]);
    return {
      before: history.slice(0, start),
      rows: turn.filter((row) => !isScheduled(row) && !isEnd(row)),
      scheduled: turn.filter(isScheduled),
    };
  });
}

function isEnd({ EventType }: HistoryEvent): boolean {
  return EventType === eventType.orchestratorCompleted || EventType === eventType.executionCompleted;
}

async function askedIn(
  golden: GoldenHistory,
  orchestrator: unknown,
  before: readonly HistoryEvent[],
  rows: readonly HistoryEvent[],
): Promise<{ scheduled: readonly HistoryEvent[]; output: string | null } | string> {
  const instance = { ...golden, history: [...before] } as Instance;
  const input = triggerInputOf({ instance, at: "", rows });
  const answer = await new Orchestrator(orchestrator).handle(structuredClone(input), {}).then(
    (state: unknown) => answerFrom(jsonTextOf(state)),
    (failure: unknown) => answerFromFailure(failure),
  );
  if (answer.kind !== "state") return answer.reason;
  const { state } = answer;
  if (state.error !== undefined) return state.error;
  const replay = replayActions(state.actions[0] ?? [], [...before, ...rows], golden);
  if (replay.problem !== undefined) return replay.problem;
  return { scheduled: replay.scheduled, output: state.isDone ? jsonTextOf(state.output) : null };
}

function shown(rows: readonly HistoryEvent[]): string {
  return JSON.stringify(rows).slice(0, 300);
}
