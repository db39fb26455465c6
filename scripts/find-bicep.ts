import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** A command that compiles Bicep: its arguments go behind `build <file> --stdout`. */
export type Bicep = {
  readonly command: string;
  readonly prefix: readonly string[];
  readonly version: string;
};

/** The version that is taken from NuGet. */
export const nugetVersion = "0.37.4";

/** The Bicep compiler of this machine: `bicep`, `az bicep`, or the NuGet package where `dotnet` is there. */
export function findBicep(): Bicep | undefined {
  return tried("bicep", []) ?? triedAz() ?? restored();
}

function tried(command: string, prefix: readonly string[]): Bicep | undefined {
  const { status, stdout } = spawnSync(command, [...prefix, "--version"], { encoding: "utf8" });
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
  return status === 0 && version !== undefined ? { command, prefix, version } : undefined;
}

// `az bicep` would download a compiler when it has none: `version` asks without doing so.
function triedAz(): Bicep | undefined {
  const { status, stdout } = spawnSync("az", ["bicep", "version"], { encoding: "utf8" });
  const version = /Bicep CLI version (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  return status === 0 && version !== undefined ? { command: "az", prefix: ["bicep"], version } : undefined;
}

function restored(): Bicep | undefined {
  if (spawnSync("dotnet", ["--version"]).status !== 0) return undefined;
  const name = `Azure.Bicep.CommandLine.${runtimeId()}`;
  const folder = join(tmpdir(), `bicep-${nugetVersion}`);
  mkdirSync(folder, { recursive: true });
  const project = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>netstandard2.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageReference Include="${name}" Version="${nugetVersion}" ExcludeAssets="all" /></ItemGroup>
</Project>
`;
  writeFileSync(join(folder, "bicep.csproj"), project);
  if (spawnSync("dotnet", ["restore", folder], { timeout: 120_000 }).status !== 0) return undefined;
  const packages = process.env["NUGET_PACKAGES"] ?? join(homedir(), ".nuget", "packages");
  const tools = join(packages, name.toLowerCase(), nugetVersion, "tools");
  const executable = ["bicep", "bicep.exe"].map((file) => join(tools, file)).find(existsSync);
  return executable === undefined ? undefined : tried(executable, []);
}

function runtimeId(): string {
  const system = process.platform === "win32" ? "win" : process.platform === "darwin" ? "osx" : "linux";
  return `${system}-${process.arch}`;
}
