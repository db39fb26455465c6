import { Problem } from "../problem.ts";
import { parseProfile } from "../profile.ts";
import type { PostureFacts } from "./facts.ts";
import { type Finding, judged, tellerOf } from "./finding.ts";

const GROUP = "Content";
const { check, unknown } = tellerOf(GROUP);

/** Whether the profiles can be read, and the packages of all versions are still there. */
export function contentChecks({ inside }: PostureFacts): readonly Finding[] {
  if (!inside) {
    const says = "Profiles and packages can be seen by the function app only.";
    return [unknown("content", says, "Ask GET /api/posture.")];
  }
  return [
    ...judged(inside.profiles, { group: GROUP, check: "profiles", what: "the profiles" }, (profiles) => {
      const bad = profiles.flatMap(({ name, text }) => faultIn(name, text));
      return [
        check("profiles", {
          holds: bad.length === 0,
          good: `${profiles.length} ${profiles.length === 1 ? "profile" : "profiles"}, and all can be read.`,
          bad: bad.join("; "),
          remedy: "Correct the profile; until then everything for its application is refused.",
        }),
      ];
    }),
    ...judged(inside.versions, { group: GROUP, check: "version-blobs", what: "the versions" }, (versions) => {
      const gone = versions.filter(({ blob }) => blob === "gone");
      const named = gone.slice(0, 5).map(({ application, version }) => `${application} ${version}`);
      const more = gone.length > named.length ? ` and ${gone.length - named.length} more` : "";
      return [
        check("version-blobs", {
          holds: gone.length === 0,
          good: `${versions.length} ${versions.length === 1 ? "version" : "versions"}, and no package is missing.`,
          bad: `The package of ${named.join(", ")}${more} is gone: what is published stays, but Azure refuses every change, more regions too.`,
          remedy:
            "Bring the blob back (az storage blob undelete, or an earlier version of it), or publish a new version.",
          otherwise: "warning",
        }),
      ];
    }),
  ];
}

function faultIn(name: string, text: string): string[] {
  try {
    parseProfile(text, name.replace(/\.json$/, ""));
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [`${name}: ${error.message}`];
  }
}
