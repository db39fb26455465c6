import type { Reason } from "./problem.ts";
import type { Release } from "./naming.ts";

/** A container outside the vault that versions were published from: its URL, and its ARM id for the role. */
export interface LegacySource {
  readonly url: string;
  readonly id: string;
}

/** A blob's address without query, and the legacy container it lies in. */
export interface LegacyBlob {
  readonly url: string;
  readonly source: LegacySource;
}

/** The legacy container that `url` lies in, and its plain address; undefined when it lies in none of them. */
export function legacyBlobOf(url: string, sources: readonly LegacySource[]): LegacyBlob | undefined {
  const address = URL.parse(url);
  if (address?.username !== "" || address.password !== "") return undefined;
  // Parsing has lower-cased the host and resolved "..", so what begins like the container lies in it.
  const plain = address.origin + address.pathname;
  const source = sources.find((candidate) => isBelow(plain, candidate.url));
  return source && { url: plain, source };
}

function isBelow(plain: string, containerUrl: string): boolean {
  const container = URL.parse(containerUrl);
  if (!container) return false;
  const prefix = `${container.origin}${container.pathname.replace(/\/+$/, "")}/`;
  return plain.startsWith(prefix) && plain !== prefix;
}

/** Why a version whose files lie outside the vault cannot be updated. The query may be a SAS, so it is not told. */
export function foreignSource({ application, version }: Release, url: string): Reason {
  const place = url.split("?")[0] ?? "";
  return {
    code: "source-outside-vault",
    message: `${application} ${version} was published from ${place}, which is outside the pipeline's vault`,
    nextStep:
      "Give the gallery's identity no more than it needs: add that container to the setting LEGACY_SOURCES (docs/api.md), or publish the same package as a new version through the pipeline.",
  };
}
