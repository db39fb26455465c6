import { matchesGlob } from "node:path";
import { quoted } from "../core/application.ts";
import { packageNameFault } from "../core/file-name.ts";
import type { Release } from "../core/naming.ts";
import { Problem } from "../core/problem.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./console.ts";
import { checkedSize, sizeWarnings } from "./package-file.ts";
import type { OpenPackage, PackageSource } from "./package-source.ts";
import { retrying } from "./retry.ts";

/** A file that is attached to a release on GitHub. */
export interface Asset {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  /** As GitHub tells it, when it does. */
  readonly sha256?: string;
}

/** The release on GitHub, as far as publishing needs it. One attempt each. */
export interface ReleaseAssets {
  /** The assets of the run's own release, or of the first of these tags that has one; undefined when none has. */
  list(tags: readonly string[]): Promise<readonly Asset[] | undefined>;
  /** The bytes of an asset from an offset on. */
  read(asset: Asset, from: number): Promise<AsyncIterable<Uint8Array>>;
}

interface Tools {
  readonly assets: ReleaseAssets;
  readonly clock: Clock;
  readonly log: Log;
}

/** The one asset of the release whose name matches the pattern, to be streamed from GitHub without a copy on the runner. */
export async function findAsset(pattern: string, release: Release, tools: Tools): Promise<PackageSource> {
  const tags = [`v${release.version}`, release.version];
  const assets = await retrying("listing the release's assets", () => tools.assets.list(tags), tools);
  if (!assets) {
    throw problem(
      `there is no GitHub release of ${release.application} ${release.version} (tags tried: ${tags.join(", ")})`,
      "Start the workflow from the release, or make the release before this step; a draft needs its tag and a token that may write contents.",
    );
  }
  const asset = onlyMatch(assets, pattern);
  const fault = packageNameFault(asset.name);
  if (fault) throw problem(`release-asset ${quoted(asset.name)}: the name ${fault}`, "Rename the asset.");
  return {
    name: asset.name,
    size: checkedSize(asset.size, asset.name, "package"),
    ...(asset.sha256 !== undefined && { sha256: asset.sha256 }),
    warnings: sizeWarnings(asset.size, asset.name),
    open: () => Promise.resolve(openAsset(asset, tools)),
  };
}

function onlyMatch(assets: readonly Asset[], pattern: string): Asset {
  const matches = assets.filter(({ name }) => name === pattern || matchesGlob(name, pattern));
  const [first] = matches;
  if (first && matches.length === 1) return first;
  const names = (matches.length > 1 ? matches : assets).slice(0, 10).map(({ name }) => quoted(name));
  throw problem(
    matches.length > 1
      ? `release-asset ${quoted(pattern)} matches ${matches.length} assets, not one: ${names.join(", ")}`
      : `release-asset ${quoted(pattern)} matches no asset of the release; it has ${names.join(", ") || "none"}`,
    "Pass a pattern that matches exactly one asset, and attach it to the release before this step.",
  );
}

// GitHub's storage may break a long download: what is missing is asked for again, from where the bytes ended.
function openAsset(asset: Asset, tools: Tools): OpenPackage {
  let stream: AsyncIterator<Uint8Array> | undefined;
  let left: Uint8Array = Buffer.alloc(0);

  async function next(position: number): Promise<Uint8Array> {
    return retrying(
      `downloading ${asset.name}`,
      async () => {
        try {
          stream ??= (await tools.assets.read(asset, position))[Symbol.asyncIterator]();
          const piece = await stream.next();
          if (piece.done === true) throw changed(asset.name);
          return piece.value;
        } catch (error) {
          stream = undefined;
          throw error;
        }
      },
      tools,
    );
  }

  return {
    fill: async (bytes, position) => {
      for (let filled = 0; filled < bytes.length;) {
        if (left.length === 0) left = await next(position + filled);
        const piece = left.subarray(0, bytes.length - filled);
        bytes.set(piece, filled);
        filled += piece.length;
        left = left.subarray(piece.length);
      }
    },
    check: async (sha256) => {
      const more = left.length > 0 || !((await stream?.next())?.done ?? true);
      if (more || (asset.sha256 !== undefined && asset.sha256 !== sha256)) throw changed(asset.name);
    },
    close: async () => {
      await stream?.return?.();
    },
  };
}

function changed(name: string): Problem {
  return problem(
    `the asset ${quoted(name)} changed while it was read`,
    "Let the upload of the asset end before this step, then run the job again. Nothing was published.",
    "asset-changed",
  );
}

function problem(message: string, nextStep: string, code = "bad-asset"): Problem {
  return new Problem(code, message, nextStep);
}
