import { createHash } from "node:crypto";
import { isApplicationName } from "./application.ts";
import { MANIFEST_FILE } from "./file-name.ts";

/** The four containers of the packages account. */
export const containers = {
  dropBox: "incoming",
  vault: "packages",
  reports: "reports",
  profiles: "applications",
} as const;

/** One version of one application on its way. */
export interface Release {
  readonly application: string;
  readonly version: string;
}

/** One attempt to bring a release in. */
export interface Submission extends Release {
  readonly submission: string;
}

/** Where in the drop box something was put: the folder of a submission, or of files dropped by hand. */
export interface Drop extends Release {
  /** The folder below `<application>/<version>/`; empty for files put right there. */
  readonly folder: string;
}

// Folders that a client fills and then commits with a manifest.
const COMMITTED = /^(?:run|api)-/;

/** Whether the drop is a folder that its `manifest.json`, written last, commits. All others are dropped by hand. */
export function isCommittedByManifest(drop: Drop): boolean {
  return COMMITTED.test(drop.folder);
}

/** The folder of a submission by the Action: `run-<run id>-<attempt>-<8 hex>`. */
export function runFolder(runId: string, attempt: string, random: string): string {
  return `run-${runId}-${attempt}-${random}`;
}

/**
 * The drop that a path in the drop box belongs to, and the file in it; undefined when it belongs to none. Paths can be
 * built from what it gives; that its version is one, and its file a package, is still to be checked.
 */
export function dropOfPath(path: string): { readonly drop: Drop; readonly file: string } | undefined {
  const [application = "", version = "", ...rest] = path.split("/");
  const [folder, file] = rest.length === 2 ? rest : [undefined, rest[0]];
  if (rest.length > 2 || !isApplicationName(application) || !isPlainSegment(version)) return undefined;
  if (file === undefined || !isSafeSegment(file)) return undefined;
  if (folder === undefined) return { drop: { application, version, folder: "" }, file };
  // The name of a committed folder becomes the submission's id; people may name theirs as they like.
  const drop: Drop = { application, version, folder };
  const isGood = isCommittedByManifest(drop) ? isPlainSegment : isSafeSegment;
  return isGood(folder) ? { drop, file } : undefined;
}

/**
 * Whether reports on the drop can be written. A version that Azure would not take is refused in one; a name that could
 * leave its folder gets none.
 */
export function isReportable({ application, version, folder }: Drop): boolean {
  return (
    isApplicationName(application) && isPlainSegment(version) && (folder === "" || isPlainSegment(folder))
  );
}

/** Whether `text` may be a part of a path that we write: no dots alone, nothing that a URL would change. */
export function isPlainSegment(text: string): boolean {
  return text.length <= 117 && /^[A-Za-z0-9](?:[A-Za-z0-9._+-]*[A-Za-z0-9_+-])?$/.test(text);
}

// A URL drops "." and "..", Azure takes "\" for "/", and half a surrogate pair has no UTF-8.
function isSafeSegment(text: string): boolean {
  return text !== "" && text.length <= 250 && !/\.$|[\\\p{C}]/u.test(text);
}

/** The path prefix of a drop's files in the drop box, with a closing slash. */
export function dropPrefix(drop: Drop): string {
  return `${drop.application}/${drop.version}/${drop.folder === "" ? "" : `${drop.folder}/`}`;
}

/** The path of a submission's manifest in the drop box. */
export function manifestPath(drop: Drop): string {
  return dropPrefix(drop) + MANIFEST_FILE;
}

/** The vault's path of a file with that digest. */
export function vaultPath(release: Release, sha256: string, file: string): string {
  return `${release.application}/${release.version}/${sha256}/${file}`;
}

/** The digest that a vault path names, or undefined when the path is not of that form. */
export function digestOfVaultPath(path: string): string | undefined {
  return /^[^/]+\/[^/]+\/([0-9a-f]{64})\/[^/]+$/.exec(path)?.[1];
}

/** The path of a submission's report in `reports`. */
export function submissionReportPath(submission: Submission): string {
  return `${submission.application}/${submission.version}/${submission.submission}.json`;
}

/** The path of the release's report in `reports`. */
export function releaseReportPath(release: Release): string {
  return `${release.application}/${release.version}/release.json`;
}

/** The path of an application's profile in `applications`. */
export function profilePath(application: string): string {
  return `${application}.json`;
}

/** A blob's address: the account's endpoint, the container and the escaped path. Never with a query. */
export function blobUrl(blobEndpoint: string, container: string, path: string): string {
  const parts = path.split("/");
  // Whoever reads such an address would drop these parts and read something else.
  if (parts.some((part) => ["", ".", ".."].includes(part))) throw new TypeError(`no blob path: ${path}`);
  return `${containerUrl(blobEndpoint, container)}/${parts.map(encodeURIComponent).join("/")}`;
}

/** The path below `container` that `url` addresses in the account, or undefined when it lies elsewhere. */
export function pathOfBlobUrl(url: string, blobEndpoint: string, container: string): string | undefined {
  const address = URL.parse(url);
  if (address?.username !== "" || address.password !== "") return undefined;
  // Parsing has lower-cased the host and resolved "..", so what begins like the container lies in it.
  const prefix = `${containerUrl(blobEndpoint, container)}/`;
  const plain = address.origin + address.pathname;
  if (!plain.startsWith(prefix) || plain === prefix) return undefined;
  try {
    return decodeURIComponent(plain.slice(prefix.length));
  } catch {
    return undefined;
  }
}

function containerUrl(blobEndpoint: string, container: string): string {
  const { origin, pathname } = new URL(blobEndpoint);
  return `${origin}${pathname.endsWith("/") ? pathname : `${pathname}/`}${container}`;
}

/** The id of a drop by hand: it changes whenever a file does. */
export function handDropId(blobs: readonly { readonly path: string; readonly etag: string }[]): string {
  // Listings give ETags bare, headers in quotes.
  const seen = blobs.map(({ path, etag }) => JSON.stringify([path, etag.replaceAll('"', "")])).sort();
  return `drop-${sha256(seen.join("\n")).slice(0, 32)}`;
}

/** The Durable Functions instance that tells the story of a drop; a new generation starts it again. */
export function storyInstanceId(drop: Drop, generation: number): string {
  return sha256(`${drop.application}/${drop.version}/${drop.folder}\n${generation}`);
}

// The namespace of our UUIDs: chosen once, never to be changed, since role assignments are found again by it.
const NAMESPACE = "7c6fd1f2-9d0e-5f2b-8a34-5f0a3d6f1c20";

/**
 * The name of the gallery's role assignment: a UUIDv5 of scope, role and principal, so that a repeated PUT meets the
 * same assignment (Azure RBAC documentation recommends deterministic names).
 */
export function roleAssignmentName(scope: string, roleId: string, principalId: string): string {
  const name = [scope, roleId, principalId].join("\n").toLowerCase();
  const namespace = Buffer.from(NAMESPACE.replaceAll("-", ""), "hex");
  const hash = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The SHA-256 of a text, as 64 lower-case hex digits. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
