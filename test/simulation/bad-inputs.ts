import fc from "fast-check";
import { isApplicationName } from "../../core/application.ts";
import { blobsCreated } from "../../core/event.ts";
import { packageNameFault } from "../../core/file-name.ts";
import { parseManifest } from "../../core/manifest.ts";
import { blobUrl, dropOfPath, dropPrefix, pathOfBlobUrl, vaultPath } from "../../core/naming.ts";
import { Problem } from "../../core/problem.ts";
import { parseProfile } from "../../core/profile.ts";
import { parseReport } from "../../core/report.ts";
import { targetRegionSchema } from "../../core/settings.ts";
import { versionFrom } from "../../core/version.ts";
import { judgeToken, tokenRecipes } from "./bad-tokens.ts";

/**
 * One kind of input that strangers write: how it is generated, and what is done with it. `judge` says whether it was
 * accepted, and throws when something unsafe was; a problem that it throws is a refusal, anything else a crash.
 */
export interface BadInput {
  readonly name: string;
  readonly input: fc.Arbitrary<unknown>;
  readonly judge: (input: never) => boolean | Promise<boolean>;
}

/** What came of all inputs of one kind. */
export interface InputsJudged {
  readonly name: string;
  readonly tried: number;
  readonly accepted: number;
  /** The smallest input that crashed, or was accepted although unsafe. */
  readonly failure: string | undefined;
}

const ENDPOINT = "https://vmapps.blob.core.windows.net";
const DIGEST = "a".repeat(64);

/** Pieces that have broken parsers before. */
const nasty = fc.constantFrom(
  ...[
    "..",
    ".",
    "/",
    "\\",
    "%2e%2e",
    "%2F",
    "?",
    "#",
    "?sig=abc",
    "\0",
    "\r\n",
    "\u202e",
    "é",
    "é",
    "\ud800",
  ],
  ...[
    "-rf",
    "~",
    "$(id)",
    "`id`",
    "'",
    '"',
    "|",
    ";",
    "&&",
    " ",
    "con",
    "nul.txt",
    "__proto__",
    "constructor",
  ],
  ...[
    "1",
    "0",
    "01",
    "2147483647",
    "2147483648",
    "1e3",
    "v",
    "1.2.3",
    "-1",
    "+",
    "a",
    "B",
    "_",
    ":",
    "C:",
    "//",
  ],
);
const plain = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
const text = fc.oneof(
  fc.array(fc.oneof(nasty, plain), { maxLength: 6 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 150 }),
  plain,
);
const path = fc.oneof(
  fc.array(text, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/")),
  fc.tuple(plain, plain, plain, plain).map((parts) => parts.join("/")),
);
const json = fc.oneof(
  fc.json(),
  fc.string(),
  fc.tuple(fc.json(), nasty).map((parts) => parts.join("")),
);
const goodManifest = {
  ...{ schema: 1, application: "flooperapp", version: "1.2.0", install: "./install", remove: "./remove" },
  package: { file: "app.tar.gz", size: 3, sha256: DIGEST },
  targetRegions: ["eastus", { name: "West Europe", regionalReplicaCount: 2 }],
};
const fields = fc.constantFrom(
  ...Object.keys(goodManifest),
  "packageFileName",
  "update",
  "mediaLink",
  "__proto__",
);
const values = fc.oneof(fc.jsonValue(), text, fc.constant("app.tar.gz"), fc.constant(undefined), nasty);
const nearlyManifest = fc
  .array(fc.tuple(fields, values), { maxLength: 2 })
  .map((changes) => JSON.stringify({ ...goodManifest, ...Object.fromEntries(changes) }));

/** All kinds of input that reach the pipeline from outside. */
export const badInputs: readonly BadInput[] = [
  {
    name: "application names",
    input: text,
    judge: (name: string) => {
      if (!isApplicationName(name)) return false;
      requireThat(/^[A-Za-z0-9][\w.-]*$/.test(name) && !name.endsWith(".") && name.length <= 117, name);
      return true;
    },
  },
  {
    name: "versions and tags",
    input: fc.oneof(
      text,
      fc.tuple(nasty, nasty, nasty).map((parts) => parts.join(".")),
      fc.tuple(fc.nat(), fc.nat(2 ** 33), fc.nat()).map((parts) => parts.join(".")),
    ),
    judge: (tag: string) => {
      const parts = versionFrom(tag).split(".");
      requireThat(
        parts.length === 3 && parts.every((part) => String(Number(part)) === part && Number(part) < 2 ** 31),
        tag,
      );
      return true;
    },
  },
  {
    name: "file names",
    input: text,
    judge: (name: string) => {
      if (packageNameFault(name) !== undefined) return false;
      requireThat(
        !/[/\\:\0\r\n]|^\.|\.$|^-/.test(name) && name.length <= 200 && name !== "manifest.json",
        name,
      );
      return true;
    },
  },
  {
    name: "manifests",
    input: fc.oneof(nearlyManifest, json),
    judge: (document: string) => {
      const manifest = parseManifest(document);
      requireThat(isApplicationName(manifest.application), manifest.application);
      requireThat(versionFrom(manifest.version) === manifest.version, manifest.version);
      requireThat(packageNameFault(manifest.package.file) === undefined, manifest.package.file);
      requireThat(
        !("mediaLink" in manifest) && Object.getPrototypeOf(manifest) === Object.prototype,
        document,
      );
      return true;
    },
  },
  {
    name: "profiles",
    input: fc.oneof(
      nearlyManifest.map((document) => {
        const {
          application: _,
          version: __,
          package: ___,
          ...profile
        } = JSON.parse(document) as object & {
          application?: unknown;
          version?: unknown;
          package?: unknown;
        };
        return JSON.stringify({ supportedOSType: "Linux", ...profile });
      }),
      json,
    ),
    judge: (document: string) => {
      const profile = parseProfile(document, "flooperapp");
      requireThat(["Linux", "Windows"].includes(profile.supportedOSType), document);
      return true;
    },
  },
  {
    name: "events",
    input: fc.oneof(
      fc.jsonValue(),
      fc.record({
        topic: fc.oneof(text, fc.constant("/subscriptions/s")),
        subject: path.map((blob) => `/blobServices/default/containers/incoming/blobs/${blob}`),
        eventType: fc.constantFrom("Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted"),
        data: fc.oneof(fc.jsonValue(), fc.record({ api: fc.constantFrom("PutBlob", "PutBlockList", "x") })),
      }),
    ),
    judge: (delivery: unknown) => {
      const blobs = blobsCreated(delivery);
      for (const { container, path: blob } of blobs)
        requireThat(!container.includes("/") && blob !== "", blob);
      return blobs.length > 0;
    },
  },
  {
    name: "blob paths",
    input: path,
    judge: (blob: string) => {
      const found = dropOfPath(blob);
      if (!found) return false;
      const { drop, file } = found;
      requireThat(isApplicationName(drop.application), blob);
      requireThat(`${dropPrefix(drop)}${file}` === blob, blob);
      // Whatever is written for it stays below its application and version.
      const url = blobUrl(ENDPOINT, "packages", vaultPath(drop, DIGEST, file));
      const { pathname, search, hash, host } = new URL(url);
      requireThat(search === "" && hash === "" && host === "vmapps.blob.core.windows.net", url);
      requireThat(
        pathname.startsWith(`/packages/${drop.application}/`) && !pathname.split("/").includes(".."),
        url,
      );
      return true;
    },
  },
  {
    name: "blob addresses",
    input: fc.oneof(
      path.map((blob) => `${ENDPOINT}/packages/${blob}`),
      text,
      path.map((blob) => `https://evil@vmapps.blob.core.windows.net/packages/${blob}`),
    ),
    judge: (url: string) => {
      const found = pathOfBlobUrl(url, ENDPOINT, "packages");
      if (found === undefined) return false;
      requireThat(new URL(url).host === "vmapps.blob.core.windows.net" && !url.includes("evil@"), url);
      return true;
    },
  },
  {
    name: "regions",
    input: fc.oneof(
      text.map((name) => ({ name })),
      fc.jsonValue(),
      fc.record({ name: plain, x: fc.anything() }),
    ),
    judge: (region: unknown) => {
      const parsed = targetRegionSchema.safeParse(region);
      if (!parsed.success) return false;
      requireThat(/^[A-Za-z][A-Za-z0-9 ]*$/.test(parsed.data.name), parsed.data.name);
      return true;
    },
  },
  {
    name: "reports",
    input: json,
    judge: (document: string) => {
      parseReport(document);
      return true;
    },
  },
  { name: "callers' tokens", input: tokenRecipes(text), judge: judgeToken },
];

/** Generates that many inputs of each kind and judges them. */
export async function judgeInputs(
  kinds: readonly BadInput[],
  each: number,
  seed: number,
): Promise<InputsJudged[]> {
  const judged: InputsJudged[] = [];
  for (const { name, input, judge } of kinds) {
    let accepted = 0;
    const details = await fc.check(
      fc.asyncProperty(input, async (value) => {
        try {
          if (await judge(value as never)) accepted += 1;
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
        }
      }),
      { numRuns: each, seed },
    );
    const failure = details.failed
      ? `${JSON.stringify(details.counterexample)}: ${String(details.errorInstance)}`
      : undefined;
    judged.push({ name, tried: details.numRuns, accepted, failure });
  }
  return judged;
}

function requireThat(isSafe: boolean, shown: string): void {
  if (!isSafe) throw new Error(`accepted although unsafe: ${JSON.stringify(shown)}`);
}
