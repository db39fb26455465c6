import { quoted } from "./application.ts";
import { Problem, reasonOf, type Reason } from "./problem.ts";

/** The largest number in a version's part: each is an int32 (Azure's error text for a bad version name). */
export const LARGEST_VERSION_PART = 2_147_483_647;

/** The form of a version, but for the size of its numbers. */
export const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;
const WITH_SUFFIX = /^v?\d+\.\d+\.\d+[-+]/;

/** The rule for versions that `text` breaks, to be read after its name; undefined when it is a version Azure takes. */
export function versionRuleBrokenBy(text: string): string | undefined {
  if (VERSION.test(text)) {
    const large = text.split(".").find((part) => Number(part) > LARGEST_VERSION_PART);
    return large && `has ${quoted(large)}, but no part may exceed ${LARGEST_VERSION_PART}`;
  }
  if (WITH_SUFFIX.test(text)) {
    return "has a pre-release or build suffix, which Azure cannot store: it takes MAJOR.MINOR.PATCH only";
  }
  return "is not MAJOR.MINOR.PATCH, three whole numbers without leading zeros";
}

/** Why `text` is no version that Azure takes, or undefined when it is one. */
export function versionFault(text: string): Reason | undefined {
  const problem = problemOf(text, text);
  return problem && reasonOf(problem);
}

/** The version that a release tag (`v1.2.3`) or a plain version names, or a problem `bad-version`. */
export function versionFrom(tag: string): string {
  const text = tag.startsWith("v") ? tag.slice(1) : tag;
  const problem = problemOf(text, tag);
  if (problem) throw problem;
  return text;
}

/** Orders versions by their numbers: negative when `a` is lower. Both must be valid. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let part = 0; part < 3; part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

// Told with the text as the person wrote it.
function problemOf(text: string, written: string): Problem | undefined {
  const rule = versionRuleBrokenBy(text);
  if (rule === undefined) return undefined;
  return new Problem(
    "bad-version",
    `version ${quoted(written)} ${rule}`,
    'Pass a version such as "1.2.0", or tag the release v1.2.0.',
  );
}
