import { appendFileSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply, type Step } from "../../../local/functions-host/durable/hub.ts";
import { pendingInstance } from "../../../local/functions-host/durable/instance.ts";
import { openJournal } from "../../../local/functions-host/durable/journal.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "journal-"));
  file = join(folder, "journal.jsonl");
});
afterEach(() => rm(folder, { recursive: true }));

const at = "2026-01-05T00:00:00.000Z";

function aStart(instanceId: string): Step {
  const instance = pendingInstance({
    instanceId,
    name: "n",
    executionId: `x-${instanceId}`,
    input: "{}",
    at,
  });
  return [{ kind: "instance-set", instance }];
}

function write(...steps: Step[]): void {
  const { journal } = openJournal(file);
  for (const step of steps) journal.append(step);
  journal.close();
}

function idsOnDisk(): string[] {
  const { hub, journal } = openJournal(file);
  journal.close();
  return [...hub.instances.keys()];
}

describe("a journal", () => {
  it("gives back what was written, over several openings", () => {
    write(aStart("a"));
    write(aStart("b"));
    expect(idsOnDisk()).toEqual(["a", "b"]);
  });

  it.each([['[{"kind":"instance-set","inst'], ['[{"kind":"instance-removed","instanceId":"a"}'], ["["]])(
    "drops a torn last line: %s",
    (torn) => {
      write(aStart("a"));
      appendFileSync(file, torn);
      expect(idsOnDisk()).toEqual(["a"]);
      write(aStart("b"));
      expect(idsOnDisk()).toEqual(["a", "b"]);
    },
  );

  it("does not overlook a bad line before the last", () => {
    write(aStart("a"));
    appendFileSync(file, "torn\n" + JSON.stringify(aStart("b")) + "\n");
    expect(() => openJournal(file)).toThrow("line 2");
  });

  it("is rewritten as it is opened: one line for each row that is left", () => {
    write(aStart("a"), aStart("b"), [{ kind: "instance-removed", instanceId: "a" }]);
    openJournal(file).journal.close();
    expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(1);
  });

  it("keeps messages from executions that have ended out of the next one", () => {
    write(aStart("a"));
    const { hub, journal } = openJournal(file);
    journal.close();
    const event = { EventType: 15, EventId: -1, Timestamp: at, Name: "late", Input: null } as const;
    apply(hub, { kind: "message-sent", instanceId: "a", executionId: "older", event });
    expect(hub.instances.get("a")?.inbox).toHaveLength(1);
    apply(hub, { kind: "message-sent", instanceId: "a", executionId: null, event });
    expect(hub.instances.get("a")?.inbox).toHaveLength(2);
  });
});
