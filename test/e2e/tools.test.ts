import { execFile, spawnSync } from "node:child_process";
import { cp, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { writeEndpoints } from "../../local/endpoints.ts";
import { writeProfile } from "../../local/profiles.ts";
import { recipesOf } from "../docs/recipes.ts";
import { finalReport, startDeployment } from "./a-deployment.ts";
import { describeWhere } from "./describe-where.ts";

const root = resolve(import.meta.dirname, "../..");
const recipes = recipesOf("local-azure.md", ["sh", "js", "python"]);
const run = promisify(execFile);

/** Describes what needs a program that runs with these arguments. */
function describeWith(program: readonly [string, ...string[]], tests: () => void): void {
  const [command, ...args] = program;
  const holds = spawnSync(command, args, { stdio: "ignore" }).status === 0;
  describeWhere({ holds, otherwise: `\`${program.join(" ")}\` does not run here` }, command, tests);
}

describe("docs/local-azure.md, its commands run as they stand there", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;

  beforeAll(async () => {
    deployment = await startDeployment();
    const { azure, workspace } = deployment;
    await writeProfile(azure, "flooperapp", {
      schema: 1,
      supportedOSType: "Linux",
      install: "./flooper.sh",
      remove: "rm flooper.sh",
      targetRegions: ["eastus2", "westeurope"],
      settlingSeconds: 20,
    });
    await writeEndpoints(azure, join(workspace, ".local", "endpoints.json"));
    await cp(join(root, "examples", "first-release"), join(workspace, "examples", "first-release"), {
      recursive: true,
    });
    await symlink(join(root, "node_modules"), join(workspace, "node_modules"), "junction");
  });
  afterAll(() => deployment.stop());

  /** Runs a program in the workspace with nothing of this machine's settings but where programs are. */
  async function runInWorkspace(command: string, args: string[], env = {}): Promise<string> {
    const { workspace } = deployment;
    const { stdout } = await run(command, args, {
      cwd: workspace,
      env: { PATH: process.env["PATH"], HOME: workspace, ...env },
    });
    return stdout;
  }

  function runShell(heading: string): Promise<string> {
    return runInWorkspace("sh", ["-euc", `${recipes["First"]}${recipes[heading]}`]);
  }

  async function outcomeOf(version: string): Promise<string> {
    return (await finalReport(deployment.azure, `flooperapp ${version}`, "drop-")).outcome;
  }

  it("has no recipe that is not run here", () => {
    expect(Object.keys(recipes)).toEqual(["First", "curl", "azcopy", "az", "JavaScript", "Python"]);
  });

  describeWith(["curl", "--version"], () => {
    it("publishes, and asks ARM and the firewall", async () => {
      const output = await runShell("curl");
      expect(await outcomeOf("1.0.0")).toBe("published");
      expect(output).toContain("published\n");
      expect(output).toContain('"aggregatedState": "Completed"');
      expect(output).toContain('"principalId"');
      expect(output).toMatch(/403\n.*AuthorizationFailure/);
    });
  });

  describeWith(["azcopy", "--version"], () => {
    it("publishes", async () => {
      await runShell("azcopy");
      expect(await outcomeOf("1.1.0")).toBe("published");
    });
  });

  describeWith(["az", "version"], () => {
    it("publishes, and reads the gallery and the roles", async () => {
      const output = await runShell("az");
      expect(await outcomeOf("1.2.0")).toBe("published");
      expect(output).toContain('"Succeeded"');
      expect(output).toContain(deployment.azure.identities.uploader.principalId);
    });
  });

  it("publishes with the SDK for JavaScript", async () => {
    const { azure, workspace } = deployment;
    await writeFile(join(workspace, "recipe.mjs"), recipes["JavaScript"] ?? "");
    await runInWorkspace(process.execPath, ["recipe.mjs"], {
      NODE_EXTRA_CA_CERTS: azure.certificates.caFile,
    });
    expect(await outcomeOf("1.3.0")).toBe("published");
  });

  describeWith(["python3", "-c", "import azure.identity, azure.storage.blob"], () => {
    it("publishes with the SDK", async () => {
      const trust = { REQUESTS_CA_BUNDLE: deployment.azure.certificates.caFile };
      await runInWorkspace("python3", ["-c", recipes["Python"] ?? ""], trust);
      expect(await outcomeOf("1.4.0")).toBe("published");
    });
  });
});
