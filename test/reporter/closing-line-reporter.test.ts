import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closingLine } from "./closing-line-reporter.ts";

const jestProgram = createRequire(import.meta.url).resolve("jest/bin/jest");
const reporter = join(import.meta.dirname, "closing-line-reporter.ts");

describe("closingLine", () => {
  const none = {
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
  };

  it.each([
    [{ numPassedTests: 3 }, "3 passed, 0 failed"],
    [{ numPassedTests: 3, numFailedTests: 2 }, "3 passed, 2 failed"],
    [{ numPendingTests: 1, numTodoTests: 1 }, "0 passed, 0 failed, 2 skipped"],
    [{ numFailedTests: 1, numRuntimeErrorTestSuites: 2 }, "0 passed, 3 failed"],
  ])("of %j is %j", (counts, expected) => {
    expect(closingLine({ ...none, ...counts })).toBe(expected);
  });
});

describe("ClosingLineReporter", () => {
  let folder: string;
  beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), "closing-line-")))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function runJest(files: Record<string, string>) {
    const config = { rootDir: folder, transform: {}, reporters: ["default", reporter] };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { NODE_OPTIONS: _, ...env } = process.env;
    const run = spawnSync(process.execPath, [jestProgram, "--config", JSON.stringify(config)], {
      cwd: folder,
      encoding: "utf8",
      env,
    });
    return { code: run.status, lastLine: run.stdout.trimEnd().split("\n").at(-1) };
  }

  it("ends the output with the counts of passed, failed and skipped tests", () => {
    const run = runJest({
      "a.test.js":
        'it("a", () => {}); it.skip("b", () => {}); it.todo("c"); it("d", () => expect(1).toBe(2));',
    });

    expect(run).toEqual({ code: 1, lastLine: "1 passed, 1 failed, 2 skipped" });
  });

  it("counts a file that cannot run as a failure", () => {
    const run = runJest({ "a.test.js": 'it("a", () => {});', "b.test.js": 'throw new Error("broken");' });

    expect(run).toEqual({ code: 1, lastLine: "1 passed, 1 failed" });
  });
});
