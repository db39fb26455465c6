import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { quoted } from "../core/application.ts";
import { MAX_DOCUMENT_BYTES } from "../core/json.ts";
import { Problem } from "../core/problem.ts";
import { memberOf, messageOf } from "./thrown.ts";

/** The Sigstore bundles of a file in the workspace: one, or one a line, as actions/attest and gh write them. */
export interface Bundles {
  readonly path: string;
  readonly texts: readonly string[];
}

/** Gives the bundle about the package with that SHA-256, as text for the pipeline, which verifies it. */
export type BundleOf = (sha256: string) => Promise<string>;

/**
 * Where the input `attestation` says that the package's bundle is: with GitHub, or in a file of the workspace, which is read
 * at once. Undefined when the input says nothing.
 */
export function bundleSource(
  input: string | undefined,
  workspace: string,
  github: (sha256: string) => Promise<readonly string[]>,
): BundleOf | undefined {
  if (input === undefined) return undefined;
  if (input !== "github") {
    const bundles = readBundles(input, workspace);
    return (sha256) => Promise.resolve(bundleFor(bundles, sha256));
  }
  return async (sha256) => {
    // A build that was repeated to the same bytes has several; any of them says what is to be proven.
    const newest = (await github(sha256)).find((text) => subjectsOf(text).includes(sha256));
    if (newest !== undefined) return small(newest, "of GitHub's");
    throw new Problem(
      "no-attestation",
      `GitHub has no attestation of the package, whose SHA-256 is ${sha256}`,
      "Attest it in a step or job before (actions/attest-build-provenance), the very bytes that are published here.",
    );
  };
}

/** The bundles in the file that the input `attestation` names, or a problem that says why there are none. */
export function readBundles(path: string, workspace: string): Bundles {
  let text: string;
  try {
    text = readFileSync(resolve(workspace, path), "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw problem(`attestation ${quoted(path)} cannot be read: ${messageOf(error)}`, error);
  }
  const texts = isJson(text) ? [text] : text.split("\n").filter((line) => line.trim() !== "");
  if (texts.length === 0 || !texts.every(isJson)) {
    throw problem(`attestation ${quoted(path)} is no Sigstore bundle: it is not JSON`);
  }
  return { path, texts };
}

/** The one bundle that is about a file with that SHA-256, as text for the pipeline, which verifies it. */
export function bundleFor({ path, texts }: Bundles, sha256: string): string {
  const found = texts.filter((text) => subjectsOf(text).includes(sha256));
  const [text] = found;
  if (text === undefined) {
    throw problem(`attestation ${quoted(path)} is not about the package, whose SHA-256 is ${sha256}`);
  }
  if (found.length > 1) {
    throw problem(
      `attestation ${quoted(path)} has ${found.length} bundles about the package; it should have one`,
    );
  }
  return small(text, quoted(path));
}

function small(text: string, name: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_DOCUMENT_BYTES) return text;
  throw problem(`attestation ${name} has ${bytes} bytes; the pipeline reads at most ${MAX_DOCUMENT_BYTES}`);
}

function subjectsOf(bundle: string): unknown[] {
  const payload = memberOf(memberOf(JSON.parse(bundle), "dsseEnvelope"), "payload");
  const statement = typeof payload === "string" ? Buffer.from(payload, "base64").toString("utf8") : "";
  const subjects = isJson(statement) ? memberOf(JSON.parse(statement), "subject") : undefined;
  return Array.isArray(subjects)
    ? subjects.map((subject) => memberOf(memberOf(subject, "digest"), "sha256"))
    : [];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function problem(message: string, cause?: unknown): Problem {
  return new Problem(
    "bad-attestation",
    message,
    "Pass the file that actions/attest wrote for this very package: its output bundle-path.",
    { cause },
  );
}
