import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cloudOf } from "../../action/cloud.ts";
import { createCredential } from "../../action/sign-in.ts";
import { trustEnvironment } from "../../local/certificates.ts";
import {
  anIdentity,
  functionApp,
  releaseJob,
  startIdentities,
  startLocalWorld,
  storageScope,
  tenantId,
  tokenExchange,
  uploader,
} from "../local/a-local-world.ts";
import { aWorld } from "./fake-world.ts";
import { type ActionResult, runAction } from "./run-action.ts";
import { aWorkspace } from "./workspace.ts";

describe("the ways to sign in", () => {
  let world: Awaited<ReturnType<typeof startLocalWorld>>;
  const stranger = anIdentity("stranger", "managed-identity", 8);

  beforeAll(async () => {
    world = await startLocalWorld();
  });
  afterAll(() => world.stop());

  // A dry run asks storage everything that needs a token, and writes nothing.
  function dryRun(
    inputs: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>>,
  ): Promise<ActionResult> {
    return runAction({
      workspace: aWorkspace({ "flooper.sh": "echo" }),
      inputs: {
        "storage-account": world.storage.endpoints.runner,
        ...{ application: "flooperapp", version: "1.2.0", package: "flooper.sh", "dry-run": "true" },
        ...inputs,
      },
      environment: {
        ...trustEnvironment(world.identities.certificates),
        AZURE_AUTHORITY_HOST: world.identities.authorityHost,
        ...environment,
      },
    });
  }

  const lineOf = ({ log }: ActionResult): string | undefined =>
    log.split("\n").find((line) => line.startsWith("signed in with"));

  it.each([
    ["its user-assigned identity, by client id", { "client-id": uploader.clientId }],
    ["its only user-assigned identity", { "sign-in": "managed-identity" }],
    [
      "one of two identities, by client id",
      { "client-id": uploader.clientId, "sign-in": "managed-identity" },
    ],
  ])("takes a virtual machine by %s", async (what, inputs) => {
    const others = what.includes("two") ? [functionApp] : [];
    const machine = await world.identities.attach({ userAssigned: [...others, uploader] });

    const result = await dryRun(inputs, machine.machineEnvironment);

    expect(result.errors).toEqual([]);
    expect(lineOf(result)).toBe(
      what.includes("by client id")
        ? `signed in with this machine's managed identity ${uploader.clientId}`
        : `signed in with this machine's managed identity, as ${uploader.clientId}`,
    );
  });

  it("takes a virtual machine by its system-assigned identity, told nothing at all", async () => {
    const machine = await world.identities.attach({ systemAssigned: uploader, userAssigned: [functionApp] });

    const result = await dryRun({}, machine.machineEnvironment);

    expect(result.errors).toEqual([]);
    expect(lineOf(result)).toContain(uploader.clientId);
  });

  it.each([{}, { "sign-in": "managed-identity" }])(
    "says that the machine does not have the identity %j",
    async (inputs) => {
      const machine = await world.identities.attach({ userAssigned: [functionApp] });

      const result = await dryRun({ ...inputs, "client-id": stranger.clientId }, machine.machineEnvironment);

      expect(result.errors[0]).toContain(`this machine does not have the identity ${stranger.clientId}`);
    },
  );

  it("takes a workload identity's file", async () => {
    const folder = aWorkspace({ token: await world.identities.github.tokenFor(releaseJob, tokenExchange) });

    const result = await dryRun(
      {},
      {
        AZURE_FEDERATED_TOKEN_FILE: join(folder, "token"),
        AZURE_CLIENT_ID: uploader.clientId,
        AZURE_TENANT_ID: tenantId,
      },
    );

    expect(result.errors).toEqual([]);
    expect(lineOf(result)).toContain("workload identity (AZURE_FEDERATED_TOKEN_FILE)");
  });

  it.each([{}, { "sign-in": "azure-cli" }])(
    "takes what azure/login left in the Azure CLI %j",
    async (inputs) => {
      const accessToken = await world.identities.tokenFor(uploader, "https://storage.azure.com");
      const path = anAzureCli({ accessToken, expires_on: Math.floor(Date.now() / 1000) + 3600 });

      const result = await dryRun(inputs, { PATH: path });

      expect(result.errors).toEqual([]);
      expect(lineOf(result)).toBe(
        `signed in with the Azure CLI (azure/login, az login), as ${uploader.clientId}`,
      );
    },
  );

  it("names the identity in the command that gives it the missing role", async () => {
    const role = await dryRun(
      {},
      (await world.identities.attach({ systemAssigned: gone() })).machineEnvironment,
    );

    expect(role.errors[0]).toContain(
      `az role assignment create --assignee ${stranger.clientId} --role "VM Application Blob Reader"`,
    );

    function gone() {
      world.identities.registry.add({ identity: stranger });
      return stranger;
    }
  });

  it("gives tokens for the pipeline's endpoints from the machine as well", async () => {
    const { machineEnvironment } = await world.identities.attach({ userAssigned: [uploader] });
    const before = { ...process.env };
    Object.assign(process.env, machineEnvironment);
    const tools = { idToken: async () => "", environment: process.env, log: aWorld().log };

    const credential = createCredential(
      { with: "managed-identity", clientId: uploader.clientId },
      cloudOf(undefined),
      tools,
    );
    const tokens = [
      await credential.getToken(storageScope),
      await credential.getToken("api://pipeline/.default"),
    ];
    process.env = before;

    const verified = await Promise.all([
      world.identities.tokens.verify(`Bearer ${tokens[0]?.token}`, ["https://storage.azure.com"]),
      world.identities.tokens.verify(`Bearer ${tokens[1]?.token}`, ["api://pipeline"]),
    ]);
    expect(verified.map((identity) => identity?.name)).toEqual(["uploader", "uploader"]);
  });
});

describe("GitHub's OIDC token", () => {
  it("is a new one for each exchange, so that a long wait never shows Entra an expired one", async () => {
    let passed = 0;
    const identities = await startIdentities({
      accessTokenSeconds: 200,
      now: () => Date.now() + passed,
    });
    const shown: string[] = [];
    const idToken = async (audience: string): Promise<string> => {
      const token = await identities.github.tokenFor(releaseJob, audience);
      shown.push(token);
      return token;
    };
    const signIn = { with: "github", clientId: uploader.clientId, tenantId } as const;
    const credential = createCredential(signIn, cloudOf(identities.authorityHost), {
      ...{ idToken, environment: {}, log: aWorld().log },
    });

    const tokens = [];
    for (let hour = 0; hour < 3; hour++) {
      tokens.push((await credential.getToken(storageScope))?.token);
      passed += 3_600_000;
    }
    await identities.stop();

    expect(new Set(tokens).size).toBe(3);
    expect(new Set(shown).size).toBeGreaterThanOrEqual(3);
  });
});

// The executable that the SDK asks, as azure/login leaves it: signed in.
function anAzureCli(answer: object): string {
  const folder = join(aWorkspace(), "bin");
  mkdirSync(folder);
  const path = join(folder, "az");
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(answer)}\nEND\n`);
  chmodSync(path, 0o755);
  return `${folder}:/usr/bin:/bin`;
}
