import type { EffectiveManifest } from "./effective-manifest.ts";
import type { Submitter } from "./submitter.ts";

/** What the names of tags begin with that tell who was proven. No manifest can set such a tag. */
const OURS = "submitted-by.";
/** Azure's limit for a tag's value. */
const MOST_TAG_CHARACTERS = 256;

/** The manifest with tags that tell the version's readers who was proven to submit it, and none that only say so. */
export function withSubmitter(
  manifest: EffectiveManifest,
  submitter: Submitter | undefined,
): EffectiveManifest {
  const own = Object.entries(manifest.tags ?? {}).filter(([name]) => !name.toLowerCase().startsWith(OURS));
  const tags = Object.fromEntries([...own, ...(submitter ? tagsOf(submitter) : [])]);
  const { tags: _, ...rest } = manifest;
  return Object.keys(tags).length === 0 ? rest : { ...rest, tags };
}

function tagsOf(submitter: Submitter): [string, string][] {
  const told: Record<string, string> =
    submitter.kind === "github"
      ? {
          repository: `${submitter.repository} (id ${submitter.repositoryId})`,
          commit: submitter.commit,
          run: `${submitter.runId}, attempt ${submitter.runAttempt}`,
          actor: `${submitter.actor} (id ${submitter.actorId})`,
          ...(submitter.environment !== null && { environment: submitter.environment }),
        }
      : { "entra-object": submitter.objectId, "entra-client": submitter.clientId };
  return Object.entries(told).map(([name, value]) => [OURS + name, value.slice(0, MOST_TAG_CHARACTERS)]);
}
