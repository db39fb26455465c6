import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { scaledClock } from "../../../local/clock.ts";
import { startFunctionsHost } from "../../../local/functions-host/start.ts";

export type FixtureHost = Awaited<ReturnType<typeof startFixtureHost>>;

/** The fixture app in a host process of its own, with a folder that goes when it stops. */
export async function startFixtureHost({
  speed = 100,
  env = {},
  nodePath = process.execPath,
  certificates,
}: {
  speed?: number;
  env?: Record<string, string>;
  nodePath?: string;
  certificates?: { certificate: string; key: string };
} = {}) {
  const folder = await mkdtemp(join(tmpdir(), "functions-host-"));
  const notesFile = join(folder, "notes");
  appendFileSync(notesFile, "");
  const host = await startFunctionsHost({
    appFolder: join(import.meta.dirname, "fixture-app"),
    dataFolder: join(folder, "hub"),
    env: { NOTES_FILE: notesFile, ...env },
    clock: scaledClock(speed),
    nodePath,
    ...(certificates === undefined ? {} : { certificates }),
  });
  const post = (path: string, body: unknown) =>
    fetch(`${host.url}/api/${path}`, { method: "POST", body: JSON.stringify(body) });
  const status = async (id: string): Promise<any> => {
    const response = await fetch(`${host.adminUrl}/durabletask/instances/${id}`);
    return response.status === 404 ? undefined : response.json();
  };
  const fixture = {
    host,
    folder,
    notes: () => readFileSync(notesFile, "utf8").split("\n").filter(Boolean),
    post,
    status,
    /** Calls a method of the durable client inside the app. */
    client: async (method: string, ...values: unknown[]): Promise<any> => {
      const response = await post("client", { method, arguments: values });
      const { result, message } = (await response.json()) as any;
      if (response.status !== 200) throw new Error(message);
      return result;
    },
    start: async (orchestrator: string, input: unknown, id = ""): Promise<string> => {
      const response = await post(`start/${orchestrator}/${id}`, input);
      const body = (await response.json()) as any;
      if (response.status !== 200) throw new Error(body.message);
      return body.id;
    },
    ended: (id: string) =>
      eventually(async () => {
        const found = await status(id);
        return ["Completed", "Failed", "Terminated"].includes(found?.runtimeStatus) ? found : undefined;
      }),
    /** Starts a list of steps and gives what they gave. */
    run: async (...steps: readonly object[]): Promise<any> => {
      const ended = await fixture.ended(await fixture.start("program", { steps }));
      return ended.output;
    },
    noted: (line: string, times = 1) =>
      eventually(() => fixture.notes().filter((note) => note.startsWith(line)).length >= times || undefined),
    /** The rows of an orchestration, as the journal tells them. */
    rows: (id: string): any[] =>
      readFileSync(join(folder, "hub/journal.jsonl"), "utf8")
        .split("\n")
        .filter(Boolean)
        .flatMap((line) => JSON.parse(line))
        .flatMap((change: any) => {
          if (change.kind === "instance-set" && change.instance.instanceId === id)
            return change.instance.history;
          return change.kind === "turn-ended" && change.instanceId === id ? change.rows : [];
        }),
    release: (file: string) => appendFileSync(join(folder, file), ""),
    isReleased: (file: string) => existsSync(join(folder, file)),
    stop: async () => {
      await host.kill9();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return fixture;
}

/** Asks until there is an answer, for at most 20 seconds. */
export async function eventually<Answer>(
  ask: () => Promise<Answer | undefined> | Answer | undefined,
): Promise<Answer> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`never came true: ${ask.toString()}`);
    await setTimeout(20);
  }
}
