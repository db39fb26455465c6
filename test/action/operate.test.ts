import { operate } from "../../action/operate.ts";
import { operationFrom, readOperationInputs } from "../../action/operation-inputs.ts";
import { createPipeline } from "../../action/pipeline.ts";
import { createPipelineClient } from "../../action/pipeline-client.ts";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { aRun } from "./fake-world.ts";
import { aWorkspace } from "./workspace.ts";

const usual: Record<string, string> = {
  application: "flooperapp",
  version: "1.2.0",
  "pipeline-url": "https://pipeline.example/api/",
  "pipeline-audience": "api://pipeline/.default",
  "target-regions": "westus, japaneast",
};

function read(operation: "expand" | "status" | "promote", over: Record<string, string> = {}) {
  const given = { ...usual, ...over };
  return readOperationInputs(operation, (name) => given[name] ?? "", aRun(aWorkspace()), undefined);
}

describe("readOperationInputs", () => {
  it("reads what an operation needs, and no package", () => {
    expect(read("expand")).toMatchObject({
      release: { application: "flooperapp", version: "1.2.0" },
      pipeline: { url: "https://pipeline.example", scope: "api://pipeline/.default" },
      targetRegions: [{ name: "westus" }, { name: "japaneast" }],
    });
  });

  it("tells all that is wrong at once", () => {
    const wrong = {
      "pipeline-url": "http://pipeline.example",
      version: "1.2",
      "target-regions": "",
    };
    expect(() => read("expand", wrong)).toThrow(/"1\.2"[\s\S]*pipeline-url[\s\S]*target-regions/);
  });

  it.each([
    "https://user@pipeline.example",
    "https://pipeline.example?code=SECRET",
    "ftp://pipeline.example",
    "x",
  ])("refuses the address %s and shows no query", (url) => {
    expect(() => read("status", { "pipeline-url": url })).toThrow(/pipeline-url/);
    expect(() => read("status", { "pipeline-url": url })).not.toThrow(/SECRET/);
  });

  it("knows the operations", () => {
    expect(operationFrom(() => "")).toBe("publish");
    expect(() => operationFrom(() => "delete")).toThrow(/"publish" or "expand"/);
  });
});

describe("operate", () => {
  const report = (outcome: string, endedAt: string | null) => ({
    ...{ application: "flooperapp", version: "1.2.0", submission: "expand-1", outcome, versionId: "/id" },
    ...{ blobUrl: null, sha256: null, size: null, steps: [], notes: [], reason: null },
    regions: [{ name: "westus", state: "Completed", progress: 100, seconds: 1, details: null }],
    ...{ startedAt: "2026-01-05T10:00:00Z", updatedAt: "2026-01-05T10:00:00Z", endedAt },
  });

  /** A pipeline that gives these answers, one after the other. */
  async function against(answers: [status: number, body: unknown][], act: "expand" | "status" = "expand") {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        heard.push(
          `${request.method ?? ""} ${request.url ?? ""} ${request.headers.authorization ?? ""} ${body}`,
        );
        const [status, answer] = answers.shift() ?? [500, {}];
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const lines: string[] = [];
    const facts: any = {};
    const credential = { getToken: async () => ({ token: "TOKEN", expiresOnTimestamp: 0 }) };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let time = 0;
    const log = (line: string) => void lines.push(line);
    const world = {
      pipeline: createPipeline(createPipelineClient(url, "api://pipeline/.default", credential)),
      clock: { now: () => time, sleep: async (seconds: number) => void (time += seconds * 1000) },
      log: { info: log, warning: log, debug: log },
      learn: (news: object) => void Object.assign(facts, news),
    };
    const ended = await operate(read(act), world as never).catch((error: unknown) => error);
    server.close();
    return { heard, lines, facts, ended };
  }

  it("begins, follows and tells the report", async () => {
    const { heard, facts, ended } = await against([
      [202, { submission: "expand-1" }],
      [200, report("publishing", null)],
      [200, report("published", "2026-01-05T10:04:00Z")],
    ]);
    expect(ended).toBeUndefined();
    expect(facts.report.outcome).toBe("published");
    expect(heard[0]).toBe(
      'POST /api/applications/flooperapp/versions/1.2.0/regions Bearer TOKEN {"targetRegions":[{"name":"westus"},{"name":"japaneast"}]}',
    );
    expect(heard[1]).toContain("GET /api/applications/flooperapp/versions/1.2.0?submission=expand-1");
  });

  it("asks again while the pipeline is busy or away", async () => {
    const busy = { code: "azure-unavailable", detail: "Azure did not answer", nextStep: "Wait." };
    const { facts, ended } = await against(
      [
        [503, busy],
        [502, "bad gateway"],
        [200, report("published", "x")],
      ],
      "status",
    );
    expect(ended).toBeUndefined();
    expect(facts.report.outcome).toBe("published");
  });

  it("hands on what the pipeline refuses, with its next step", async () => {
    const { ended } = await against([
      [409, { code: "publication-under-way", detail: "it is", nextStep: "Wait." }],
    ]);
    expect(ended).toMatchObject({
      code: "publication-under-way",
      nextStep: "Wait.",
      message: "the pipeline answered 409: it is",
    });
  });

  it("says so when something else answers there", async () => {
    expect((await against([[404, { hello: "world" }]])).ended).toMatchObject({ code: "no-pipeline" });
    expect((await against([[202, { hello: "world" }]])).ended).toMatchObject({ code: "no-pipeline" });
    expect((await against([[200, { hello: "world" }]], "status")).ended).toMatchObject({
      code: "no-pipeline",
    });
  });
});
