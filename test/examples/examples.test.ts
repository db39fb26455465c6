import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseProfile } from "../../core/profile.ts";
import { parseReport } from "../../core/report.ts";
import { chinaRegions, publicRegions } from "../../local/arm/regions.ts";
import { subjectOf } from "../../local/identity/github-job.ts";
import type { StepResult } from "../../local/github-runner.ts";
import { localJob } from "../../local/local-azure.ts";
import { writeProfile } from "../../local/profiles.ts";
import { startGithub } from "../action/a-github.ts";
import { readActionFile } from "../action/action-file.ts";
import { runAction, startDeployment } from "../e2e/a-deployment.ts";
import { type Contexts, publishSteps, readWorkflow } from "./a-workflow.ts";

const examples = resolve(import.meta.dirname, "../../examples");
const workflows = globSync("*/*.yml", { cwd: examples }).sort();
const aToken = "ghs-not-a-token";

const events = {
  release: { name: "release", file: "release.json", ref: "refs/tags/v1.2.0" },
  tag: { name: "push", file: "tag.json", ref: "refs/tags/v1.3.0" },
  push: { name: "push", file: "push.json", ref: "refs/heads/main" },
  dispatch: { name: "workflow_dispatch", file: "workflow-dispatch.json", ref: "refs/heads/main" },
};

interface Example {
  readonly workflow: string;
  readonly event: keyof typeof events;
  readonly application: string;
  readonly version: string;
  readonly regions: readonly string[];
  /** What the steps before would have made, or the release has. */
  readonly file: string;
  readonly matrix?: Contexts;
  readonly ownIdentity?: true;
  /** The file of a workflow whose job has nothing but its own token. */
  readonly hosted?: string;
}

const published: readonly Example[] = [
  {
    ...{ workflow: "trusted-publishing/publish.yml", event: "release", application: "flooper-hosted" },
    ...{
      version: "1.2.0",
      regions: ["eastus2", "westeurope"],
      file: "flooper.tar.gz",
      hosted: "publish.yml",
    },
  },
  {
    ...{
      workflow: "linux-agent/publish.yml",
      event: "release",
      application: "flooper-agent",
      version: "1.2.0",
    },
    ...{ regions: ["eastus2", "japaneast", "westeurope"], file: "flooper-agent.tar.gz" },
  },
  {
    ...{
      workflow: "windows-msi/publish.yml",
      event: "release",
      application: "flooper-windows",
      version: "1.2.0",
    },
    ...{ regions: ["eastus2", "westeurope"], file: "Flooper.msi" },
  },
  {
    ...{ workflow: "many-regions/publish.yml", event: "tag", application: "flooper-core", version: "1.3.0" },
    regions: ["australiaeast", "eastus2", "japaneast", "northeurope", "uksouth", "westeurope", "westus3"],
    file: "flooper-core.tar.gz",
  },
  {
    ...{ workflow: "vm-runner/publish.yml", event: "release", application: "flooper-deb", version: "1.2.0" },
    ...{ regions: ["eastus2"], file: "flooper.deb", ownIdentity: true },
  },
  {
    ...{ workflow: "monorepo/publish.yml", event: "push", application: "flooper-api", version: "1.4.0" },
    ...{ regions: ["eastus2"], file: "apps/flooper-api/dist/flooper-api-1.4.0.tar.gz" },
    matrix: { application: "flooper-api" },
  },
  {
    ...{ workflow: "monorepo/publish.yml", event: "push", application: "flooper-worker", version: "2.0.1" },
    ...{ regions: ["eastus2", "westeurope"], file: "apps/flooper-worker/dist/flooper-worker-2.0.1.tar.gz" },
    matrix: { application: "flooper-worker", regions: "eastus2, westeurope" },
  },
  {
    ...{ workflow: "china/publish.yml", event: "release", application: "flooper-china", version: "1.2.0" },
    ...{ regions: ["chinaeast2", "chinanorth3", "eastus2"], file: "flooper.tar.gz" },
  },
];

/** The linux-agent's version, once it is published, in the regions that were typed in as well. */
const expanded: Example = {
  ...{ workflow: "more-regions/expand.yml", event: "dispatch", application: "flooper-agent" },
  ...{ version: "1.2.0", file: "" },
  regions: ["australiaeast", "eastus2", "japaneast", "uksouth", "westeurope"],
};

describe("the examples' workflows", () => {
  it("are all tried below", () => {
    const tried = new Set([...published, expanded].map(({ workflow }) => workflow));

    expect(workflows.filter((path) => !tried.has(path))).toEqual([]);
  });

  it.each(workflows)("%s is one that GitHub takes", async (path) => {
    const { errors, document } = await readWorkflow(path);

    expect(errors).toEqual([]);
    expect(publishSteps(document, someContexts()).length).toBeGreaterThan(0);
  });

  it.each(workflows)("%s uses only inputs that the Action has, and every one that it needs", async (path) => {
    const { document } = await readWorkflow(path);
    const { inputs } = readActionFile();
    const steps = publishSteps(document, someContexts());

    expect(steps.length).toBeGreaterThan(0);
    const unknown = steps.flatMap((step) => Object.keys(step).filter((name) => !(name in inputs)));
    const homeless = steps.filter((step) => !("storage-account" in step) && !("pipeline-url" in step));
    expect({ unknown, homeless }).toEqual({ unknown: [], homeless: [] });
  });

  it.each(workflows)("%s gives its jobs the least, and no script an expression", async (path) => {
    const text = readFileSync(join(examples, path), "utf8");

    expect(text).toMatch(/^permissions: \{\}$/m);
    expect(text.split("\n").filter((line) => /\brun: .*\$\{\{/.test(line))).toEqual([]);
    expect(text.match(/actions\/checkout@/g)?.length ?? 0).toBe(
      text.match(/persist-credentials: false/g)?.length ?? 0,
    );
  });
});

describe("the examples on the local Azure", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;
  let github: Awaited<ReturnType<typeof startGithub>>;
  const results = new Map<string, StepResult | undefined>();

  beforeAll(async () => {
    const applications = published.map(({ application }) => application);
    const regions = [...publicRegions, ...chinaRegions];
    deployment = await startDeployment({ applications, arm: { regions } });
    const { azure } = deployment;
    for (const application of applications) {
      await writeProfile(azure, application, { schema: 1, supportedOSType: "Linux" });
    }
    await writeProfile(azure, "flooper-core", theProfile());
    const { publishers = [], ...others } = profileOf("trusted-publishing", "flooper-hosted");
    const { issuer } = azure.identity.github;
    await writeProfile(azure, "flooper-hosted", {
      ...others,
      publishers: publishers.map((publisher) => ({ ...publisher, issuer })),
    });
    github = await startGithub(aToken, {
      id: 17372790,
      tag: "v1.2.0",
      assets: { "Flooper.msi": Buffer.from("msi") },
    });
    // An identity of Azure China has a credential for that cloud's audience.
    azure.identity.registry.add({
      identity: azure.identities.uploader,
      federatedCredentials: ["api://AzureADTokenExchange", "api://AzureADTokenExchangeChina"].map(
        (audience) => ({
          ...{ issuer: azure.identity.github.issuer, subject: subjectOf(localJob), audiences: [audience] },
        }),
      ),
    });
  });
  afterAll(async () => {
    await github.stop();
    await deployment.stop();
  });

  // Side by side, because each mostly waits; on a busy machine nine at once take their time.
  it("publish what they say, where they say", async () => {
    await Promise.all(
      published.map(async (example) => results.set(example.application, await runAll(example))),
    );

    for (const { application, version, regions } of published) {
      const result = results.get(application);
      expect({
        complaints: result?.lines.filter((line) => /^::(?:error|warning)/.test(line)),
        application: result?.outputs["application"],
        version: result?.outputs["version"],
        outcome: result?.outputs["outcome"],
        regions: regionsOf(result),
      }).toEqual({ complaints: [], application, version, outcome: "published", regions });
    }
  }, 150_000);

  it("give the first wave of many regions its time before the others are published to", () => {
    const { steps } = parseReport(results.get("flooper-core")?.outputs["report"] ?? "");
    const told = steps.map(({ name }) => name).filter((name) => /^(?:publish version|bake|put)/.test(name));

    expect(told).toEqual(["publish version", "bake for 1 min", "publish version", "put into latest"]);
  });

  it("bring a published version to more regions, with what the person typed", async () => {
    const result = await runAll(expanded);

    expect(result?.outputs["submission"]).toMatch(/^expand-/);
    expect({ outcome: result?.outputs["outcome"], regions: regionsOf(result) }).toEqual({
      outcome: "published",
      regions: expanded.regions,
    });
  });

  async function runAll(example: Example): Promise<StepResult | undefined> {
    const { document } = await readWorkflow(example.workflow);
    let result: StepResult | undefined;
    for (const step of publishSteps(document, contextsOf(example))) result = await run(example, step);
    return result;
  }

  async function run(example: Example, inputs: Record<string, string>): Promise<StepResult> {
    const { azure, workspace } = deployment;
    const folder = join(workspace, example.application);
    cpSync(join(examples, dirname(example.workflow)), folder, { recursive: true });
    if (example.file !== "" && !("release-asset" in inputs)) {
      mkdirSync(dirname(join(folder, example.file)), { recursive: true });
      writeFileSync(join(folder, example.file), `bytes of ${example.application}`);
    }
    const { file, ref } = events[example.event];
    return runAction(azure, folder, {
      only: true,
      with: {
        "github-token": aToken,
        ...inputs,
        // The function app's own address, which is another one here at each start, is the usual audience.
        ...(example.hosted && { "pipeline-audience": azure.deployment.githubAudience }),
        // No machine resolves the names of that cloud here.
        ...("cloud" in inputs && { "authority-host": azure.identity.authorityHost }),
      },
      event: JSON.parse(readFileSync(join(import.meta.dirname, "events", file), "utf8")) as object,
      env: {
        GITHUB_REF: ref,
        GITHUB_API_URL: github.url,
        ...(example.ownIdentity && azure.machine.machineEnvironment),
        ...(example.hosted && hostedEnvironment(example.hosted)),
      },
    });
  }

  function hostedEnvironment(workflow: string): Record<string, string> {
    const workflowPath = `.github/workflows/${workflow}`;
    return {
      AZURE_AUTHORITY_HOST: "",
      ...deployment.azure.identity.github.startJob({ ...localJob, workflowPath }),
    };
  }

  function contextsOf({ event, matrix = {} }: Example): Contexts {
    const { azure } = deployment;
    const { uploader, releaser } = azure.identities;
    const account = azure.storage.endpoints.runner;
    return someContexts(event, matrix, {
      PACKAGES_ACCOUNT: account,
      CHINA_PACKAGES_ACCOUNT: account,
      PIPELINE_URL: azure.host.url,
      PIPELINE_AUDIENCE: azure.deployment.apiAudience,
      AZURE_CLIENT_ID: event === "dispatch" ? releaser.clientId : uploader.clientId,
      CHINA_CLIENT_ID: uploader.clientId,
      RUNNER_IDENTITY: uploader.clientId,
      AZURE_TENANT_ID: azure.deployment.tenantId,
      CHINA_TENANT_ID: azure.deployment.tenantId,
    });
  }
});

function regionsOf(result: StepResult | undefined): string[] {
  const regions = JSON.parse(result?.outputs["regions"] ?? "[]") as { name: string }[];
  return regions.map(({ name }) => name).sort();
}

// The example's profile, with as short a bake as there is.
function theProfile() {
  return profileOf("many-regions", "flooper-core");
}

function profileOf(folder: string, application: string) {
  const text = readFileSync(join(examples, folder, `${application}.json`), "utf8");
  return parseProfile(text.replace(/"bakeMinutes": \d+/, '"bakeMinutes": 1'), application);
}

function someContexts(
  event: keyof typeof events = "release",
  matrix: Contexts = {},
  vars: Contexts = {},
): Contexts {
  const { name, file, ref } = events[event];
  const payload: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "events", file), "utf8"));
  return {
    github: {
      ...{ event: payload, event_name: name, ref, token: aToken, repository: "contoso/flooper" },
      sha: "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
    },
    // GitHub gives what a person typed as a context of its own as well.
    inputs: typeof payload === "object" && payload !== null && "inputs" in payload ? payload.inputs : {},
    ...{ matrix, vars, env: {}, steps: {}, secrets: {}, needs: {} },
  };
}
