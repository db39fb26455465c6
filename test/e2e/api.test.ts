import { writeProfile } from "../../local/profiles.ts";
import type { LocalIdentity } from "../../local/world.ts";
import { documentedOperations, documentProblems, operationOf } from "../contracts/api-document.ts";
import { aPackage, runAction, startDeployment } from "./a-deployment.ts";

type Deployment = Awaited<ReturnType<typeof startDeployment>>;

const VERSION = "/api/applications/flooperapp/versions/1.2.0";

describe("the endpoints of the deployed pipeline", () => {
  let deployment: Deployment;
  const problems: string[] = [];
  const answered = new Map<string, Set<number>>();

  beforeAll(async () => {
    deployment = await startDeployment();
    const { azure, workspace } = deployment;
    await writeProfile(azure, "flooperapp", { schema: 1, supportedOSType: "Linux" });
    await aPackage(workspace);
    const with_ = { version: "1.2.0", "target-regions": "eastus2,westeurope" };
    const step = await runAction(azure, workspace, { with: with_ });
    if (step.exitCode !== 0) throw new Error(step.lines.join("\n"));
  });
  afterAll(() => deployment.stop());

  function token(identity?: LocalIdentity, audience?: string): Promise<string> {
    const { azure } = deployment;
    return azure.identity.tokenFor(
      identity ?? azure.identities.operator,
      audience ?? azure.deployment.apiAudience,
    );
  }

  /** Every answer is held against the document. */
  async function ask(method: string, path: string, init: RequestInit & { token?: string | null } = {}) {
    const bearer = init.token === undefined ? await token() : init.token;
    const headers = {
      ...(init.headers as object),
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
    };
    const response = await fetch(`${deployment.azure.host.url}${path}`, { ...init, method, headers });
    const { status } = response;
    const body: any = await response.json();
    problems.push(
      ...documentProblems({ method, path, status, headers: response.headers, body }).map(
        (problem) => `${method} ${path} ${status}: ${problem}`,
      ),
    );
    const operation = operationOf(method, path) ?? "";
    answered.set(operation, (answered.get(operation) ?? new Set()).add(status));
    return { status, headers: response.headers, body };
  }

  async function ended(location: string): Promise<any> {
    for (;;) {
      const { status, body } = await ask("GET", location);
      if (status === 200 && body.endedAt !== null) return body;
      // A caller's requests are counted by the minute of this machine's clock, not of the local Azure's.
      await deployment.azure.clock.sleep(100_000);
    }
  }

  function flagsOfVersion() {
    const { azure } = deployment;
    const version = azure.arm.state.version(`${azure.ids.gallery}/applications/flooperapp/versions/1.2.0`);
    return version?.profile;
  }

  it("expand a published version, once for many requests", async () => {
    const body = JSON.stringify({
      targetRegions: ["Japan East", { name: "northeurope", regionalReplicaCount: 2 }],
    });
    const headers = { "idempotency-key": "8d3a" };
    const all = await Promise.all([1, 2, 3].map(() => ask("POST", `${VERSION}/regions`, { body, headers })));
    const locations = new Set(all.map((one) => one.headers.get("location")));
    expect(all.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(locations.size).toBe(1);
    const status = await ended([...locations][0] ?? "");
    expect(status).toMatchObject({ outcome: "published", reason: null });
    expect(status.regions.map(({ name, state }: any) => [name, state])).toEqual([
      ["eastus2", "Completed"],
      ["westeurope", "Completed"],
      ["japaneast", "Completed"],
      ["northeurope", "Completed"],
    ]);
    // The release's report is written right after the submission's.
    let release = await ask("GET", VERSION);
    while (release.body.submission !== status.submission) release = await ask("GET", VERSION);
    expect(release.body).toMatchObject({ outcome: "published", submission: status.submission });
    expect(release.body.regions).toHaveLength(4);
  });

  it("withdraw and promote it", async () => {
    const withdrawn = await ask("POST", `${VERSION}/withdraw`);
    expect((await ended(withdrawn.body.status)).outcome).toBe("published");
    expect(flagsOfVersion()?.excludeFromLatest).toBe(true);
    const body = JSON.stringify({ regions: ["eastus2"] });
    const promoted = await ask("POST", `${VERSION}/promote`, { body });
    expect((await ended(promoted.body.status)).outcome).toBe("published");
    expect(flagsOfVersion()?.excludeFromLatest).toBe(false);
    const hidden = flagsOfVersion()?.targetRegions.filter((region) => region.excludeFromLatest === true);
    expect(hidden?.map(({ name }) => name)).toEqual(["West Europe", "Japan East", "North Europe"]);
  });

  it("start a submission again, and find nothing to halt", async () => {
    const status = (await ask("GET", VERSION)).body;
    const retry = `${VERSION}/submissions/${status.submission}/retry`;
    expect((await ask("POST", retry)).status).toBe(202);
    expect((await ended(`${VERSION}?submission=${status.submission}`)).outcome).toBe("published");
    expect((await ask("POST", `${VERSION}/halt`)).status).toBe(409);
    expect((await ask("POST", `${VERSION}/submissions/run-9-9-00000000/retry`)).status).toBe(404);
  });

  it("do the same for the Action, with the job's own sign-in", async () => {
    const { azure, workspace } = deployment;
    const run = (operation: string, more: Record<string, string> = {}) =>
      runAction(azure, workspace, {
        with: {
          ...{ operation, version: "1.2.0", "storage-account": "", "target-regions": "", package: "" },
          ...{ install: "", remove: "", "client-id": azure.identities.releaser.clientId },
          ...{ "pipeline-url": azure.host.url, "pipeline-audience": azure.deployment.apiAudience },
          ...more,
        },
      });
    const expanded = await run("expand", { "target-regions": "westus" });
    expect(expanded.lines.join("\n")).toContain("flooperapp 1.2.0: published in 5 regions");
    expect(expanded.outputs).toMatchObject({
      outcome: "published",
      "version-id": expect.stringContaining("/1.2.0"),
    });
    expect(expanded.outputs["submission"]).toMatch(/^expand-/);
    expect(expanded.summary).toMatch(/\| westus \| ✅ Completed \|/);
    expect(expanded.exitCode).toBe(0);
    const promoted = await run("promote");
    expect(promoted.exitCode).toBe(0);
    expect(flagsOfVersion()?.targetRegions.some((region) => region.excludeFromLatest === true)).toBe(false);
    const status = await run("status");
    expect(JSON.parse(status.outputs["regions"] ?? "[]")).toHaveLength(5);
    const refused = await run("expand", { "target-regions": "westuss" });
    expect(refused.exitCode).toBe(1);
    expect(refused.lines.join("\n")).toContain("meant: westus?");
    const stranger = await run("promote", { "client-id": azure.identities.uploader.clientId });
    expect(stranger.lines.join("\n")).toContain("Releases.Promote");
    expect(stranger.exitCode).toBe(1);
  });

  it.each(["system-assigned", "user-assigned"])(
    "know the Action on a virtual machine by its %s identity, without a token of GitHub",
    async (kind) => {
      const { azure, workspace } = deployment;
      const { releaser, function: other } = azure.identities;
      const isSystem = kind === "system-assigned";
      const { machineEnvironment } = await azure.identity.attach(
        isSystem ? { systemAssigned: releaser, userAssigned: [other] } : { userAssigned: [other, releaser] },
      );
      const step = await runAction(azure, workspace, {
        only: true,
        with: {
          ...{ operation: "status", application: "flooperapp", version: "1.2.0" },
          ...{ "pipeline-url": azure.host.url, "pipeline-audience": azure.deployment.apiAudience },
          ...(!isSystem && { "client-id": releaser.clientId }),
        },
        env: { ...machineEnvironment, ACTIONS_ID_TOKEN_REQUEST_URL: "" },
      });
      expect(step.lines.find((line) => line.startsWith("signed in with"))).toMatch(
        new RegExp(`^signed in with this machine's managed identity.*${releaser.clientId}$`),
      );
      expect(step.outputs["outcome"]).toBe("published");
      expect(step.exitCode).toBe(0);
    },
  );

  it("tell how the deployment stands", async () => {
    const { status, body } = await ask("GET", "/api/posture");
    expect(status).toBe(200);
    expect(body.count).toMatchObject({ problem: 0, unknown: 0 });
    expect(body.findings.length).toBeGreaterThan(40);
  });

  it("refuse what is wrong, each as the document says", async () => {
    const { azure } = deployment;
    const expand = (body: string, path = VERSION) => ask("POST", `${path}/regions`, { body });
    const unknown = VERSION.replace("1.2.0", "9.9.9");
    const good = JSON.stringify({ targetRegions: ["japaneast"] });
    expect((await expand("{")).status).toBe(400);
    expect((await expand(JSON.stringify({ targetRegions: ["japaneest"] }))).body.detail).toContain(
      "japaneast",
    );
    expect((await expand(good, unknown)).status).toBe(404);
    expect((await expand(`"${"x".repeat(70_000)}"`)).status).toBe(413);
    const headers = { "idempotency-key": "8d3a" };
    expect((await ask("POST", `${VERSION}/regions`, { body: good, headers })).status).toBe(422);
    expect((await ask("GET", unknown)).status).toBe(404);
    expect((await ask("POST", `${unknown}/halt`)).status).toBe(404);
    for (const latest of ["promote", "withdraw"]) {
      expect((await ask("POST", `${unknown}/${latest}`)).status).toBe(404);
      expect((await ask("POST", `${VERSION}/${latest}`, { body: '{"regions":["uksouth"]}' })).status).toBe(
        409,
      );
      expect((await ask("POST", `${VERSION}/${latest}`, { body: "[]" })).status).toBe(400);
    }
    const wrongTokens = [
      null,
      "no.token.atall",
      await token(azure.identities.operator, "https://management.azure.com"),
      await azure.identity.tokenFor(azure.identities.operator, azure.deployment.apiAudience, -600),
    ];
    const noRoles = await token(azure.identities.uploader);
    for (const operation of documentedOperations()) {
      const [method = "", template = ""] = operation.split(" ");
      const path = `/api${template}`
        .replace("{application}", "flooperapp")
        .replace("{version}", "1.2.0")
        .replace("{submission}", "x");
      for (const wrong of wrongTokens) expect((await ask(method, path, { token: wrong })).status).toBe(401);
      expect((await ask(method, path, { token: noRoles })).status).toBe(403);
    }
  });

  it("answer only what the document has, and the document has nothing more", () => {
    expect(problems).toEqual([]);
    expect([...answered.keys()].sort()).toEqual(documentedOperations().sort());
  });

  it("never show Durable Functions' addresses", async () => {
    const { headers, body } = await ask("GET", VERSION);
    expect(JSON.stringify([...headers, body])).not.toMatch(/durabletask|taskHub|statusQueryGetUri|code=/i);
  });
});

describe("the endpoints without their settings", () => {
  it("let nobody in", async () => {
    const { azure, stop } = await startDeployment({ settings: { API_AUDIENCE: "" } });
    const bearer = await azure.identity.tokenFor(azure.identities.operator, azure.deployment.apiAudience);
    const response = await fetch(`${azure.host.url}${VERSION}`, {
      headers: { authorization: `Bearer ${bearer}` },
    });
    const body = await response.json();
    await stop();
    expect(response.status).toBe(401);
    expect(body).toMatchObject({ code: "no-callers-configured" });
  });
});
