import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { failStep, jobLog, tell } from "../../action/console.ts";
import { logLine } from "../../action/log-line.ts";
import { MarkedProblem } from "../../action/place.ts";
import { summaryOf } from "../../action/summary.ts";
import { Problem } from "../../core/problem.ts";
import { aRegion, aReport } from "./fake-world.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
const runs = { seed, numRuns: 500 };

// What strangers would try, between any other characters.
const pieces = [
  ...["::", "##[", "\n", "\r", "\r\n", "\u2028", "\u0085", "%0A", "%25", " ", "\t", "\u00a0", "\ufeff"],
  ...["::set-output name=a::b", "::add-mask::x", "##[error]", "::stop-commands::t", "ghadelimiter_", "<<EOF"],
  ...[
    "](http://x)",
    "<img src=x onerror=y>",
    "<!--",
    "```",
    "|",
    "@octocat",
    "$x$",
    "`",
    "\\",
    "\u202e",
    "---",
  ],
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "grapheme", maxLength: 8 })), {
    maxLength: 8,
  })
  .map((parts) => parts.join(""));

interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

// As the runner reads a line (actions/runner, ActionCommand.TryParseV2 and TryParse).
function commandIn(line: string): Command | undefined {
  const text = line.trim();
  if (text.startsWith("::")) {
    const end = text.indexOf("::", 2);
    if (end > 0) {
      const head = text.slice(2, end);
      const space = head.indexOf(" ");
      const name = space < 0 ? head : head.slice(0, space);
      const pairs = space < 0 ? [] : head.slice(space + 1).split(",");
      const properties = pairs.map((pair) => [
        pair.slice(0, pair.indexOf("=")),
        unescape(pair.slice(pair.indexOf("=") + 1), true),
      ]);
      return {
        name,
        properties: Object.fromEntries(properties),
        data: unescape(text.slice(end + 2), false).trimEnd(),
      };
    }
  }
  return text.includes("##[") ? { name: "v1", properties: {}, data: text } : undefined;
}

function unescape(text: string, isProperty: boolean): string {
  const plain = text.replaceAll("%0D", "\r").replaceAll("%0A", "\n");
  return (isProperty ? plain.replaceAll("%3A", ":").replaceAll("%2C", ",") : plain).replaceAll("%25", "%");
}

// The lines that `work` prints, as the runner splits them.
async function printed(work: () => unknown): Promise<string[]> {
  const chunks: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  const exitCode = process.exitCode;
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    chunks.push(chunk.toString());
    return true;
  };
  try {
    await work();
  } finally {
    process.stdout.write = write;
    process.exitCode = exitCode;
  }
  const lines = chunks.join("").split(/\r\n|\r|\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

describe(`hostile text (SEED=${seed})`, () => {
  it("stays one line of the log and is never a command", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const lines = await printed(() => jobLog.info(`  ${text}`));
        expect(lines).toHaveLength(1);
        expect(commandIn(lines[0] ?? "")).toBeUndefined();
        expect(commandIn(logLine(text))).toBeUndefined();
      }),
      runs,
    );
  });

  it("is the text of one command when it warns, at just the place that was meant", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (text, file) => {
        const lines = await printed(() => jobLog.warning(text, { file, line: 3, column: 5 }));
        const [command] = lines.map(commandIn);
        expect(lines).toHaveLength(1);
        expect(command).toEqual({
          name: "warning",
          properties: { ...(file !== "" && { file }), line: "3", col: "5" },
          data: logLine(text).trimEnd(),
        });
      }),
      runs,
    );
  });

  it("is the text of one error for each mark and one for the whole when the step fails", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (message, step) => {
        const place = { file: "vmapp.yaml", line: 1, column: 1 };
        const problem = new MarkedProblem(new Problem("x", message, step), [{ place, message }]);
        const lines = await printed(() => failStep(problem));
        const commands = lines.map(commandIn);
        expect(commands.slice(0, 2).map((command) => command?.name)).toEqual(["error", "error"]);
        expect(commands.slice(2).every((command) => command?.name === "debug")).toBe(true);
      }),
      runs,
    );
  });

  it("comes out of GITHUB_OUTPUT as it went in", async () => {
    const folder = mkdtempSync(join(tmpdir(), "outputs-"));
    const file = join(folder, "output");
    const before = { ...process.env };
    process.env["GITHUB_OUTPUT"] = file;
    delete process.env["GITHUB_STEP_SUMMARY"];
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (application, message) => {
        writeFileSync(file, "");
        const report = aReport({
          ...{ application, versionId: message, blobUrl: application, sha256: message },
          regions: [aRegion(application, { details: message })],
          reason: { code: message, message, nextStep: application },
        });
        await tell({ application, version: message, report }, undefined, aSummaryRun);
        const outputs = outputsIn(readFileSync(file, "utf8"));
        expect(outputs).toMatchObject({ application, version: message, "version-id": message });
        expect(JSON.parse(outputs["report"] ?? "")).toEqual(report);
        expect(Object.keys(outputs)).toHaveLength(9);
      }),
      runs,
    );
    process.env = before;
    rmSync(folder, { recursive: true });
  });

  it("stays inert in the job summary", () => {
    fc.assert(
      fc.property(hostile, hostile, (...texts) => {
        // An empty value has no row, which the plain twin below would not show.
        const [text = "", other = ""] = texts.map((each) => `x${each}`);
        const report = aReport({
          ...{ application: text, version: other, submission: text, versionId: text, blobUrl: other },
          outcome: "partly-published",
          regions: [aRegion(text, { state: "Failed", details: other })],
          reason: { code: "x", message: other, nextStep: text },
          notes: [text],
          steps: [{ name: other, startedAt: text, seconds: 3 }],
        });
        const plan = [{ what: "install", value: text }];
        const facts = { application: text, version: other, report, plan };
        const markdown = summaryOf(facts, new Problem("x", text, other), aSummaryRun);
        const plain = summaryOf(clean(facts), new Problem("x", "a", "b"), aSummaryRun);

        const linesOf = (each: string): number => each.split("\n").length;
        expect(linesOf(markdown) - linesOf(text) - linesOf(other)).toBeLessThanOrEqual(linesOf(plain));
        expect(markdown.match(/<(?!\/?(?:code|details|summary)>)/g)).toBeNull();
        expect(markdown.match(/(?<!\\)\]\(/g)).toHaveLength(1);
        expect(markdown.match(/@(?!#)/g)).toBeNull();
        expect(markdown.match(/(?<!\\)```/g)).toBeNull();
        expect(cellsPerRow(markdown)).toEqual(cellsPerRow(plain));
      }),
      runs,
    );
  });
});

const aSummaryRun = {
  id: "4711",
  attempt: "1",
  claims: { runUrl: "https://github.com/o/r/actions/runs/4711", commit: "0123456" },
};

// The same facts told harmlessly: the tables must keep their form.
function clean(facts: Parameters<typeof summaryOf>[0]): Parameters<typeof summaryOf>[0] {
  const report = facts.report && {
    ...facts.report,
    ...{ application: "a", version: "1", submission: "a" },
    ...{ versionId: "a", blobUrl: "a" },
    regions: [aRegion("a", { state: "Failed", details: "a" })],
    notes: ["a"],
    steps: [{ name: "a", startedAt: "a", seconds: 3 }],
  };
  return {
    application: "a",
    version: "1",
    ...(report && { report }),
    plan: [{ what: "install", value: "a" }],
  };
}

function cellsPerRow(markdown: string): number[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.replaceAll(/\\[^]/g, "").split("|").length);
}

// `name<<delimiter`, lines, `delimiter` (GitHub documentation, "Setting an output parameter").
function outputsIn(content: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = content.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const [, name, delimiter] = /^([\w-]+)<<(.+)$/.exec(lines[at] ?? "") ?? [];
    if (name === undefined || delimiter === undefined) continue;
    const end = lines.indexOf(delimiter, at + 1);
    outputs[name] = lines.slice(at + 1, end).join("\n");
    at = end;
  }
  return outputs;
}
