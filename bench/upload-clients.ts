import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trustEnvironment } from "../local/certificates.ts";
import type { Program } from "./processes.ts";
import type { FakeCloud } from "./start-fake-cloud.ts";
import { clientId, tenantId, tokenFor } from "./token-service.ts";

/** A file and the cloud that it goes to. */
export interface Upload {
  readonly cloud: FakeCloud;
  readonly workspace: string;
  readonly file: string;
}

/** A client that signs in and uploads: the programs that a job would run, one after the other. */
export interface UploadClient {
  readonly name: string;
  readonly version: string;
  readonly programs: (upload: Upload) => readonly Program[];
}

const AZCOPY_PACKAGE = "@azure-tools/azcopy-linux@10.32.2";

/** This project's Action, as a runner starts it, handing the release over without waiting for its publication. */
export function actionClient(main: string, version: string): UploadClient {
  return { name: "this Action", version, programs: (upload) => [actionProgram(main, upload)] };
}

function actionProgram(main: string, upload: Upload): Program {
  const { cloud } = upload;
  const inputs = {
    "storage-account": `${cloud.blob}/benchaccount`,
    "client-id": clientId,
    "tenant-id": tenantId,
    version: "1.2.0",
  };
  const oidcUrl = `${cloud.oidc}/idtoken?api-version=2.0`;
  return actionStep(main, upload, inputs, { oidcUrl, authority: cloud.tokens });
}

/** The Action through the endpoints of a pipeline, with nothing but its job's own token. */
export function actionThroughPipeline(
  main: string,
  { url, audience, oidcUrl }: { readonly url: string; readonly audience: string; readonly oidcUrl: string },
  upload: Upload & { readonly version: string },
): Program {
  const { version } = upload;
  const inputs = { "pipeline-url": url, "pipeline-audience": audience, route: "pipeline", version };
  return actionStep(main, upload, inputs, { oidcUrl, authority: "" });
}

function actionStep(
  main: string,
  { cloud, workspace, file }: Upload,
  ownInputs: Readonly<Record<string, string>>,
  { oidcUrl, authority }: { readonly oidcUrl: string; readonly authority: string },
): Program {
  const inputs = {
    application: "benchapp",
    package: file,
    install: "./install.sh",
    remove: "./remove.sh",
    "target-regions": "eastus2,westeurope",
    wait: "none",
    timeout: "10",
    operation: "publish",
    ...ownInputs,
  };
  return {
    command: process.execPath,
    args: [main],
    cwd: workspace,
    env: {
      ...trustEnvironment(cloud),
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
      ACTIONS_ID_TOKEN_REQUEST_URL: oidcUrl,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "a-request-token",
      AZURE_AUTHORITY_HOST: authority,
      GITHUB_WORKSPACE: workspace,
      GITHUB_RUN_ID: "4711",
      GITHUB_OUTPUT: emptyFile("output"),
      GITHUB_STEP_SUMMARY: emptyFile("summary"),
    },
  };
}

/** Microsoft's azcopy with a federated token, or the reason why it is not to be had. */
export function azcopyClient(cache: string): UploadClient | string {
  const binary = azcopyBinary(cache);
  if (binary === undefined) return `azcopy (${AZCOPY_PACKAGE} could not be fetched)`;
  return {
    name: "azcopy",
    version: AZCOPY_PACKAGE.split("@").at(-1) ?? "",
    programs: ({ cloud, workspace, file }) => {
      const tokenFile = emptyFile("federated-token", tokenFor(cloud.oidc, "api://AzureADTokenExchange", 300));
      return [
        {
          command: binary,
          args: [
            "copy",
            join(workspace, file),
            `${cloud.blob}/benchaccount/incoming/benchapp/1.2.0/${file}`,
            "--from-to=LocalBlob",
            `--trusted-microsoft-suffixes=${new URL(cloud.blob).host}`,
            "--check-length=false",
            "--output-level=essential",
          ],
          env: {
            ...trustEnvironment(cloud),
            AZCOPY_AUTO_LOGIN_TYPE: "WORKLOAD",
            AZCOPY_ACTIVE_DIRECTORY_ENDPOINT: cloud.tokens,
            AZURE_AUTHORITY_HOST: cloud.tokens,
            AZURE_CLIENT_ID: clientId,
            // For this tenant the libraries do not ask the public cloud who the authority is.
            AZURE_TENANT_ID: "adfs",
            AZURE_FEDERATED_TOKEN_FILE: tokenFile,
            AZCOPY_LOG_LOCATION: tmpdir(),
            AZCOPY_JOB_PLAN_LOCATION: tmpdir(),
            AZCOPY_DISABLE_SYSLOG: "true",
          },
        },
      ];
    },
  };
}

/** Azure's command line as a workflow uses it: `az login`, then `az storage blob upload`. */
export function azClient(): UploadClient | string {
  const version = outputOf("az", ["version", "--output", "tsv", "--query", '"azure-cli"']);
  if (version === undefined) return "az (not installed)";
  return { name: "az login + az storage blob upload", version, programs: azPrograms };
}

function azPrograms({ cloud, workspace, file }: Upload): Program[] {
  const folder = emptyFolder("az");
  const config = [
    "[cloud]\nname = bench",
    "[core]\ninstance_discovery = false\ncollect_telemetry = false\nfirst_run = false",
    "[extension]\nuse_dynamic_install = no",
  ];
  writeFileSync(join(folder, "config"), `${config.join("\n")}\n`);
  const endpoints = [
    "[bench]",
    `endpoint_active_directory = ${cloud.tokens}/adfs`,
    `endpoint_active_directory_resource_id = ${cloud.tokens}`,
    `endpoint_resource_manager = ${cloud.tokens}`,
    `endpoint_management = ${cloud.tokens}`,
    `endpoint_active_directory_graph_resource_id = ${cloud.tokens}`,
    "suffix_storage_endpoint = bench.invalid",
  ];
  writeFileSync(join(folder, "clouds.config"), `${endpoints.join("\n")}\n`);
  const env = { ...trustEnvironment(cloud), AZURE_CONFIG_DIR: folder };
  const token = tokenFor(cloud.oidc, "api://AzureADTokenExchange", 300);
  const login = ["--service-principal", "--username", clientId, "--tenant", tenantId];
  const blob = ["--container-name", "incoming", "--name", `benchapp/1.2.0/${file}`];
  const upload = ["--blob-endpoint", `${cloud.blob}/benchaccount`, "--auth-mode", "login", "--no-progress"];
  return [
    { command: "az", args: ["login", ...login, "--federated-token", token, "--output", "none"], env },
    {
      command: "az",
      args: [
        "storage",
        "blob",
        "upload",
        "--file",
        join(workspace, file),
        ...blob,
        ...upload,
        "--output",
        "none",
      ],
      env,
    },
  ];
}

/** rclone, which signs in to nothing here: its version in Debian takes federated tokens from no workflow. */
export function rcloneClient(): UploadClient | string {
  const version = /^rclone v?(\S+)/.exec(outputOf("rclone", ["version"]) ?? "")?.[1];
  if (version === undefined) return "rclone (not installed)";
  return {
    name: "rclone copyto with a SAS, without signing in",
    version,
    programs: ({ cloud, workspace, file }) => [
      {
        command: "rclone",
        args: [
          ...["copyto", join(workspace, file), `:azureblob:incoming/benchapp/1.2.0/${file}`],
          ...["--azureblob-sas-url", `${cloud.blob}/benchaccount/incoming?sv=2022-11-02&sp=cw&sig=c2ln`],
          ...["--config", emptyFile("rclone.conf"), "--retries", "1", "--quiet"],
        ],
        env: trustEnvironment(cloud),
      },
    ],
  };
}

function azcopyBinary(cache: string): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const folder = join(cache, "azcopy");
  const binary = join(folder, "package/dist/bin/azcopy_linux_amd64");
  if (existsSync(binary)) return binary;
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync("npm", ["pack", "--silent", AZCOPY_PACKAGE], { cwd: folder, stdio: "ignore" });
    const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
    execFileSync("tar", ["xzf", archive ?? "", "package/dist/bin/azcopy_linux_amd64"], { cwd: folder });
    execFileSync("chmod", ["+x", binary]);
    return binary;
  } catch {
    return undefined;
  }
}

function outputOf(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

function emptyFolder(name: string): string {
  const folder = join(tmpdir(), `bench-${process.pid}`, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function emptyFile(name: string, content = ""): string {
  const file = join(emptyFolder("files"), name);
  writeFileSync(file, content);
  return file;
}
