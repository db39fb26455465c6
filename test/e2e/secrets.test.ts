import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { writeProfile } from "../../local/profiles.ts";
import type { StepResult } from "../../local/github-runner.ts";
import { aPackage, backstage, finalReport, runAction, startDeployment } from "./a-deployment.ts";

// Told by services in their answers, as a careless one may: put together here, so that no scanner takes it for a leak.
const CANARY = ["canary", "7f3a9c"].join("-");
const leakyMessage =
  `source https://vmapps.blob.core.windows.net/packages/x?sv=1&sig=${CANARY} refused; ` +
  `Authorization: Bearer ${["eyJ0eXAiOiJKV1QifQ", `eyJ${CANARY}`, CANARY].join(".")}`;

/** Any token that the local Azure issues, or that a service repeats, has this form. */
const SECRETS: readonly RegExp[] = [
  /eyJ[\w-]{8,}\.eyJ[\w-]+/,
  /[?&]sig=[\w%-]{4,}/i,
  /AccountKey=\w/,
  /Bearer [\w-]{10,}/,
  new RegExp(CANARY),
];

describe("what the pipeline and the Action write down", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;
  const steps: StepResult[] = [];
  const logFolder = mkdtempSync(join(tmpdir(), "secrets-"));
  const functionsLog = join(logFolder, "functions.jsonl");

  beforeAll(async () => {
    deployment = await startDeployment({ functionsLog });
    const { azure, workspace } = deployment;
    const { faults } = azure.arm;
    await writeProfile(azure, "flooperapp", { schema: 1, supportedOSType: "Linux" });
    await aPackage(workspace);
    await aPackage(workspace, "other.tar.gz");
    // A line that asks the runner to hide a token is never shown.
    const isShown = (line: string): boolean => !line.startsWith("::add-mask::");
    const run = async (inputs: Record<string, string>): Promise<void> => {
      const step = await runAction(azure, workspace, { with: inputs });
      steps.push({ ...step, lines: step.lines.filter(isShown) });
    };
    const error = { code: "Leaky", message: leakyMessage };
    const versions = { method: "PUT", path: /versions\// };
    // Waited for: a fault that passes, one that does not, a region that fails, other content, a bad role.
    faults.add({ ...versions, effect: "answer", when: "before", status: 503, error });
    faults.failRegion({ region: "westeurope", details: leakyMessage, times: 1 });
    await run({ version: "1.0.0" });
    faults.add({ ...versions, effect: "answer", when: "before", status: 400, error });
    await run({ version: "1.1.0" });
    await run({ version: "1.0.0", package: "other.tar.gz" });
    faults.add({
      method: "PUT",
      path: /roleAssignments\//,
      effect: "answer",
      when: "before",
      status: 403,
      error,
    });
    await run({ version: "1.2.0" });
    // Refused before anything is uploaded.
    await run({ version: "1.3.0", application: "someone-elses" });
    await run({ version: "1.4.0", "storage-account": azure.storage.endpoints.internet });
    await run({ version: "1.5.0", "client-id": "00000000-0000-4000-8000-000000000000" });
    await finalReport(azure, "flooperapp 1.1.0", "run-");
  }, 300_000);
  afterAll(async () => {
    await deployment.stop();
    rmSync(logFolder, { recursive: true });
  });

  it("has gone through successes and failures", () => {
    expect(steps.map(({ exitCode }) => exitCode)).toEqual([0, 1, 1, 1, 1, 1, 1]);
  });

  it("has no token, key or signature in logs, outputs and summaries of the Action", () => {
    expect(
      secretsIn(steps.map(({ lines, outputs, summary }) => JSON.stringify([lines, outputs, summary]))),
    ).toEqual([]);
  });

  it("has none in reports, nor in any other blob that the pipeline writes", async () => {
    const texts: string[] = [];
    for (const container of ["reports", "packages"]) {
      for await (const { name } of backstage(deployment.azure, container).listBlobsFlat()) {
        const { readableStreamBody } = await backstage(deployment.azure, container)
          .getBlobClient(name)
          .download();
        texts.push(`${name}: ${readableStreamBody ? await text(readableStreamBody) : ""}`);
      }
    }
    expect(texts.length).toBeGreaterThan(4);
    expect(secretsIn(texts)).toEqual([]);
  });

  it("has none in the histories of stories and the states of entities", async () => {
    const journal = await readFile(join(deployment.workspace, "../functions-host/journal.jsonl"), "utf8");
    expect(journal.length).toBeGreaterThan(10_000);
    expect(secretsIn(journal.split("\n"))).toEqual([]);
  });

  it("has none in the log of the function app and its host", async () => {
    const lines = (await readFile(functionsLog, "utf8")).split("\n");
    expect(lines.length).toBeGreaterThan(5);
    expect(secretsIn([...lines, ...deployment.azure.host.logs])).toEqual([]);
  });

  it("would show one, if it were there", () => {
    expect(secretsIn([leakyMessage])).toHaveLength(1);
  });
});

/** The texts with a secret in them, cut down to where it is. */
function secretsIn(texts: readonly string[]): string[] {
  return texts.flatMap((written) => {
    const found = SECRETS.map((secret) => secret.exec(written)).find((match) => match !== null);
    return found ? [written.slice(Math.max(0, found.index - 200), found.index + 200)] : [];
  });
}
