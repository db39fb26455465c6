import { quoted } from "../core/application.ts";
import { Problem } from "../core/problem.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";
import { fileSource } from "./file-source.ts";
import type { Inputs } from "./inputs.ts";
import type { Files } from "./manifest.ts";
import { findFile } from "./package-file.ts";
import type { PackageSource } from "./package-source.ts";
import { findAsset, type ReleaseAssets } from "./release-asset.ts";

interface Tools {
  readonly assets: ReleaseAssets;
  readonly clock: Clock;
  readonly log: Log;
}

/** The package and the configuration that the inputs mean, found but not read. */
export async function findSources(
  inputs: Inputs,
  workspace: string,
  tools: Tools,
): Promise<Files<PackageSource>> {
  const { from, pattern } = inputs.package;
  const found =
    from === "release"
      ? await findAsset(pattern, inputs.release, tools)
      : fileSource(findFile(pattern, "package", workspace));
  if (inputs.configuration === undefined) return { package: found };
  const configuration = fileSource(findFile(inputs.configuration, "configuration", workspace));
  if (configuration.name.toLowerCase() === found.name.toLowerCase()) {
    throw new Problem(
      "bad-file",
      `package and configuration are both named ${quoted(found.name)}; they lie in one folder of the drop box`,
      "Rename one of the files.",
    );
  }
  return { package: found, configuration };
}
