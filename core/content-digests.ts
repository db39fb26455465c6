import { sha256 } from "./naming.ts";

/** A field that Azure makes immutable → its digest. Comparable without the values themselves, which may be long. */
export type ContentDigests = Readonly<Record<string, string>>;

/**
 * What of a manifest can never change once its version exists; a manifest that leaves a field out says nothing of it.
 */
export interface Content {
  readonly package: { readonly sha256?: string | undefined };
  readonly configuration?: { readonly sha256?: string | undefined } | undefined;
  readonly install?: string | undefined;
  readonly remove?: string | undefined;
  readonly update?: string | undefined;
  readonly packageFileName?: string | undefined;
  readonly configFileName?: string | undefined;
  readonly scriptBehaviorAfterReboot?: string | undefined;
  readonly advancedSettings?: Readonly<Record<string, string>> | undefined;
}

const FIELDS = [
  "install",
  "remove",
  "update",
  "packageFileName",
  "configFileName",
  "scriptBehaviorAfterReboot",
] as const;

/** The digests of the fields that `content` states; `configuration` is `none` when there is none. */
export function contentDigests(content: Content): ContentDigests {
  const digests: Record<string, string> = {
    package: content.package.sha256 ?? "unknown",
    configuration: content.configuration ? (content.configuration.sha256 ?? "unknown") : "none",
  };
  for (const field of FIELDS) {
    const value = content[field];
    if (value !== undefined) digests[field] = sha256(value);
  }
  if (content.advancedSettings) {
    const sorted = Object.entries(content.advancedSettings).sort(([a], [b]) => (a < b ? -1 : 1));
    digests["advancedSettings"] = sha256(JSON.stringify(sorted));
  }
  return digests;
}

// What Azure takes when nothing is said.
const DEFAULTS: ContentDigests = {
  scriptBehaviorAfterReboot: sha256("None"),
  advancedSettings: sha256("[]"),
};

/** The fields that `submitted` states and in which `published` is something else. */
export function differingFields(submitted: ContentDigests, published: ContentDigests): string[] {
  return Object.keys(submitted).filter((field) => submitted[field] !== (published[field] ?? DEFAULTS[field]));
}
