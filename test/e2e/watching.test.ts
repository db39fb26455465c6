import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TELEMETRY } from "../../core/telemetry.ts";
import { writeProfile } from "../../local/profiles.ts";
import { aPackage, runAction, startDeployment } from "./a-deployment.ts";
import { aCollector, type HeardSpan } from "./listeners.ts";
import { posturePerDoctor } from "./run-doctor.ts";

describe("what a release leaves for those who watch", () => {
  const folder = mkdtempSync(join(tmpdir(), "watching-"));
  const functionsLog = join(folder, "functions.log");
  let deployment: Awaited<ReturnType<typeof startDeployment>>;
  let collector: Awaited<ReturnType<typeof aCollector>>;

  beforeAll(async () => {
    deployment = await startDeployment({
      functionsLog,
      listeners: async ({ certificates }) => {
        collector = await aCollector(certificates, "the key");
        return {
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          OTEL_EXPORTER_OTLP_HEADERS: "x-key=the%20key",
        };
      },
    });
    const { azure, workspace } = deployment;
    await writeProfile(azure, "flooperapp", { schema: 1, supportedOSType: "Linux" });
    await aPackage(workspace);
    await runAction(azure, workspace, { with: { version: "1.0.0" } });
  });
  afterAll(async () => {
    await deployment.stop();
    await collector.stop();
    rmSync(folder, { recursive: true });
  });

  const messages = (): string[] =>
    readFileSync(functionsLog, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line).message);
  const told = (): any[] =>
    messages()
      .filter((message) => message.startsWith(TELEMETRY))
      .map((message) => JSON.parse(message.slice(TELEMETRY.length)));

  it("tells each step, the ending, and each region with its time", () => {
    const submission = told().filter(({ event }) => event === "submission");
    expect(submission.at(0)).toMatchObject({ application: "flooperapp", version: "1.0.0", ended: false });
    expect(submission.at(-1)).toMatchObject({ outcome: "published", ended: true, reason: "" });
    const regions = told().filter(({ event }) => event === "region");
    expect(regions.map(({ region }) => region).sort()).toEqual(["eastus2", "japaneast", "westeurope"]);
    for (const { seconds } of regions) expect(seconds).toBeGreaterThan(0);
  });

  it("joins the event, the story and every request of Resource Manager by one id", () => {
    const [operation, ...others] = new Set(told().flatMap((line) => line.operation ?? []));
    expect(others).toEqual([]);
    // The reconciler may have been quicker than the event.
    expect(messages()).toContainEqual(
      expect.stringMatching(`manifest.json: (started|woken) \\(story ${operation}\\)`),
    );
    const correlation = operation.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
    const { calls } = deployment.azure.arm;
    const writes = calls.list().filter(({ method }) => method === "PUT" || method === "PATCH");
    expect(writes.map(({ path }) => path.split("/").at(-2)).sort()).toEqual(
      expect.arrayContaining(["applications", "roleAssignments", "versions"]),
    );
    for (const { correlationId } of writes) expect(correlationId).toBe(correlation);
  });

  it("is one trace, from the event through the story's activities and its lease to Resource Manager", async () => {
    while (!collector.heard.some(({ name }) => name === "release"))
      await deployment.azure.clock.sleep(20_000);
    const spans = new Map(collector.heard.map((span) => [span.spanId, span]));
    const pathOf = (span: HeardSpan | undefined): string =>
      span ? `${pathOf(spans.get(span.parentSpanId ?? ""))}/${span.name}` : "";
    const paths = collector.heard.map(pathOf);
    expect(new Set(collector.heard.map(({ traceId }) => traceId)).size).toBe(1);
    expect(paths.filter((path) => !path.startsWith("/release"))).toEqual([]);
    expect(paths).toEqual(
      expect.arrayContaining([
        "/release/blob arrived",
        "/release/activity verifyIntoVault",
        "/release/activity putVersion/PUT Resource Manager",
        "/release/entity acquire/PUT Resource Manager",
      ]),
    );
    const { calls } = deployment.azure.arm;
    const [written] = calls.matching("PUT", /\/versions\/1\.0\.0$/);
    const told = collector.heard.find(({ attributes }) =>
      attributes.some(({ key, value }) => key === "url.path" && value.stringValue === written?.path),
    );
    expect(told?.traceId).toBe(written?.correlationId?.replaceAll("-", ""));
    expect(JSON.stringify(collector.heard)).not.toMatch(/[?&](?:t|c|s|h|sig)=|Bearer/);
  });

  it("gives the collector numbers, too", async () => {
    const names = () => new Set(collector.metrics.map(({ name }) => name));
    while (names().size < 4) await deployment.azure.clock.sleep(20_000);
    expect([...names()].sort()).toEqual([
      ...["vm_application.lost_events", "vm_application.replication.duration"],
      ...["vm_application.submissions", "vm_application.unfinished"],
    ]);
    const ended = collector.metrics.filter(({ name }) => name === "vm_application.submissions");
    expect(JSON.stringify(ended)).toContain('{"key":"outcome","value":{"stringValue":"published"}}');
  });

  it("has the doctor see whether the collector is reached", async () => {
    const { findings } = await posturePerDoctor(deployment.azure);
    const { host } = new URL(collector.url);
    expect(findings.find(({ says }) => says.includes("collector"))).toMatchObject({
      ...{ check: "outbound", verdict: "ok", says: `It reaches ${host} (the collector of traces).` },
    });
  });
});
