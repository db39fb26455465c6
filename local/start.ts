// The main job on one machine: a file becomes a release, and the release is followed into every region.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { Problem } from "../core/problem.ts";
import { parseReport, reportText } from "../core/report.ts";
import { commandLine, runCommand, speedFrom } from "./arguments.ts";
import { trustEnvironment, trustInThisProcess } from "./certificates.ts";
import { checksOf, closedToRunner } from "./checks.ts";
import { type ActionStep, runActionStep, shownByRunner, type StepResult } from "./github-runner.ts";
import { journeyText } from "./journey.ts";
import { accessIsGone, type LocalAzure, localJob, startLocalAzure } from "./local-azure.ts";
import { localPublisher, writeProfile } from "./profiles.ts";

const USAGE =
  "npm start -- [--file PATH] [--application NAME] [--version X.Y.Z] [--regions a,b,c] [--route direct|pipeline] [--json] [--speed N]";

const root = resolve(import.meta.dirname, "..");
const example = join(root, "examples", "first-release");

type Way = Pick<ActionStep, "with" | "env">;

/** How the Action reaches the pipeline: by its storage, signed in to Entra, or by its endpoints, without Azure. */
const WAYS: Readonly<Record<"direct" | "pipeline", (azure: LocalAzure) => Way>> = {
  direct: (azure) => ({
    with: {
      "storage-account": azure.storage.endpoints.runner,
      "client-id": azure.identities.uploader.clientId,
      "tenant-id": azure.deployment.tenantId,
    },
    env: { AZURE_AUTHORITY_HOST: azure.identity.authorityHost },
  }),
  pipeline: (azure) => ({
    with: { "pipeline-url": azure.host.url, "pipeline-audience": azure.deployment.githubAudience },
    env: {},
  }),
};

interface Job {
  readonly workspace: string;
  readonly application: string;
  readonly with: Readonly<Record<string, string>>;
}

await runCommand(main);

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const options = commandLine(
    {
      ...{ file: text, application: text, version: text, regions: text, route: text, speed: text },
      json: { type: "boolean" },
    },
    USAGE,
  );
  const route = routeFrom(options.route ?? "direct");
  const say = options.json ? console.error : console.log;
  const job = jobOf(options);
  const speed = speedFrom(options.speed ?? "20", USAGE);
  const dataFolder = await mkdtemp(join(tmpdir(), "local-azure-"));
  const begun = performance.now();
  let azure: LocalAzure | undefined;
  try {
    azure = await startLocalAzure({
      ...{ dataFolder, speed, applications: [job.application] },
      functionApp: join(root, "dist", "functions"),
      reconcileMinutes: 1,
    });
    trustInThisProcess(azure.certificates);
    say(
      `Local Azure is up (${elapsed(begun)}). Its clock runs ${speed} times as fast; its times are simulated ones.\n`,
    );
    const publishers = route === "pipeline" ? [localPublisher(azure)] : [];
    await writeProfile(azure, job.application, { schema: 1, supportedOSType: "Linux", publishers });
    const step = await publish(azure, job, WAYS[route](azure), say);
    const report = step.outputs["report"] ?? "{}";
    if (report === "{}") return step.exitCode ?? 1;
    const final = parseReport(report);
    say(`\n${journeyText(final)}\n`);
    say("Waiting until the gallery's access is taken away: 2 minutes of grace here, 10 by default.\n");
    await accessIsGone(azure);
    const checks = [
      ...(await checksOf(azure, final, join(job.workspace, job.with["package"] ?? ""))),
      ...(route === "pipeline" ? [await closedToRunner(azure)] : []),
    ];
    for (const check of checks) say(`${check.holds ? "ok" : "NOT OK"}  ${check.says}`);
    say(`\nAll of it took ${elapsed(begun)}.`);
    if (options.json) process.stdout.write(reportText(final));
    return step.exitCode === 0 && final.outcome === "published" && checks.every((check) => check.holds)
      ? 0
      : 1;
  } finally {
    await azure?.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

function publish(azure: LocalAzure, job: Job, way: Way, say: (line: string) => void): Promise<StepResult> {
  return runActionStep({
    main: join(root, "dist", "action", "main.js"),
    workspace: job.workspace,
    env: {
      ...trustEnvironment(azure.certificates),
      ...azure.identity.github.startJob(localJob),
      ...way.env,
    },
    with: { application: job.application, ...way.with, ...job.with },
    onLine: (line) => {
      const shown = shownByRunner(line);
      for (const part of shown?.split("\n") ?? []) say(`| ${part}`);
    },
  });
}

function routeFrom(text: string): keyof typeof WAYS {
  if (text === "direct" || text === "pipeline") return text;
  throw new Problem("usage", `--route "${text}" is not direct or pipeline`, `Usage: ${USAGE}`);
}

function jobOf(options: {
  readonly file?: string;
  readonly application?: string;
  readonly version?: string;
  readonly regions?: string;
}): Job {
  const application = options.application ?? "flooperapp";
  const regions = options.regions === undefined ? {} : { "target-regions": options.regions };
  const version = options.version ?? "1.2.0";
  if (options.file === undefined) {
    return { workspace: example, application, with: { package: "flooper.sh", version, ...regions } };
  }
  const file = resolve(process.env["INIT_CWD"] ?? ".", options.file);
  const commands = { install: "echo installed", remove: "echo removed" };
  const targets = { "target-regions": options.regions ?? "eastus2,westeurope,japaneast" };
  return {
    workspace: dirname(file),
    application,
    with: { package: basename(file), version, ...commands, ...targets },
  };
}

function elapsed(begun: number): string {
  return `${((performance.now() - begun) / 1000).toFixed(1)} s`;
}
