import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import seeds from "@sigstore/tuf/seeds.json" with { type: "json" };
import type { SigstoreInstance } from "../../core/publishers.ts";
import githubTrustedRoot from "./github-trusted-root.json" with { type: "json" };
import githubTufRoot from "./github-tuf-root.json" with { type: "json" };
import type { DatedRoot, RootSources } from "./trust-roots.ts";

const PUBLIC_MIRROR = "https://tuf-repo-cdn.sigstore.dev";
const GITHUB_MIRROR = "https://tuf-repo.github.com";

/** Where fresh roots come from. */
export const trustRootMirrors: readonly string[] = [PUBLIC_MIRROR, GITHUB_MIRROR];

/** The roots that the function app brings along; their dates are those of their publication. */
export const embeddedRoots: Readonly<Record<SigstoreInstance, DatedRoot>> = {
  "public-good": {
    json: JSON.parse(
      Buffer.from(seeds[PUBLIC_MIRROR].targets["trusted_root.json"], "base64").toString("utf8"),
    ),
    asOf: new Date("2026-03-18T00:00:00Z"),
  },
  github: { json: githubTrustedRoot, asOf: new Date("2026-06-29T00:00:00Z") },
};

/** The embedded roots, refreshed from Sigstore's and GitHub's own signed repositories (The Update Framework). */
export function publishedRoots(now: () => number): RootSources {
  return {
    embedded: embeddedRoots,
    now,
    refresh: async (instance) => {
      // Loaded when it is needed: most deployments start without it.
      const { getTrustedRoot } = await import("@sigstore/tuf");
      const cachePath = join(tmpdir(), "vm-application-trust-roots");
      const limits = { cachePath, timeout: 5000, retry: 1 };
      const root =
        instance === "public-good"
          ? await getTrustedRoot({ mirrorURL: PUBLIC_MIRROR, ...limits })
          : await getTrustedRoot({
              mirrorURL: GITHUB_MIRROR,
              rootPath: await githubRootFile(cachePath),
              ...limits,
            });
      return { json: TrustedRoot.toJSON(root), asOf: new Date(now()) };
    },
  };
}

/** Roots that an operator keeps in a folder, `public-good.json` and `github.json`, as dated by their files. */
export function rootsInFolder(folder: string, now: () => number): RootSources {
  return {
    now,
    refresh: async (instance) => {
      const file = join(folder, `${instance}.json`);
      const json: unknown = JSON.parse(await readFile(file, "utf8"));
      return { json, asOf: (await stat(file)).mtime };
    },
  };
}

async function githubRootFile(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, "github-tuf-root.json");
  await writeFile(file, JSON.stringify(githubTufRoot));
  return file;
}
