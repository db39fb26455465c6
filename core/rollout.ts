import type { EffectiveManifest } from "./effective-manifest.ts";
import type { GalleryVersion } from "./gallery-version.ts";
import { defaultRules, type Profile } from "./profile.ts";
import { isSameRegion } from "./region.ts";

/** Regions that get a version together, and how long they have it before others do. */
export interface Wave {
  readonly regions: readonly string[];
  /** 0 in the last wave. */
  readonly bakeSeconds: number;
}

/**
 * How a version is kept out of `latest`: `until-replicated` by the pipeline, which ends it, `for-good` because its
 * manifest or profile says so, or not at all.
 */
export type Exclusion = "until-replicated" | "for-good" | "none";

/** The tag that tells the pipeline's own exclusion, while it lasts, from anybody else's. */
const OURS = "excluded-until-replicated";

/** The waves in which a version reaches its target regions, the gallery's home region always in the first. */
export function wavesOf(
  { targetRegions }: Pick<EffectiveManifest, "targetRegions">,
  wished: Profile["waves"],
  homeRegion: string,
): Wave[] {
  const targets = targetRegions.map(({ name }) => name);
  const home = targets.filter((name) => isSameRegion(name, homeRegion));
  const waves: Wave[] = [];
  let left = targets;
  for (const { regions, bakeMinutes } of wished ?? []) {
    const wanted = waves.length === 0 ? [...home, ...regions] : regions;
    const wave = left.filter((name) => wanted.some((other) => isSameRegion(other, name)));
    // The home region alone would bake what nobody asked to bake first.
    if (!wave.some((name) => regions.some((other) => isSameRegion(other, name)))) continue;
    waves.push({ regions: wave, bakeSeconds: bakeMinutes * 60 });
    left = left.filter((name) => !wave.includes(name));
  }
  if (left.length > 0) return [...waves, { regions: left, bakeSeconds: 0 }];
  return waves.map((wave, index) => (index === waves.length - 1 ? { ...wave, bakeSeconds: 0 } : wave));
}

/** How a version with that manifest is kept out of `latest`. */
export function exclusionOf(
  { excludeFromLatest }: Pick<EffectiveManifest, "excludeFromLatest">,
  latest: Profile["latest"] = defaultRules.latest,
): Exclusion {
  if (excludeFromLatest === true || latest === "never") return "for-good";
  return latest === "immediately" ? "none" : "until-replicated";
}

/** The manifest as it is sent: left out of `latest` if it is to be, and marked when that is to end. */
export function withExclusion(manifest: EffectiveManifest, exclusion: Exclusion): EffectiveManifest {
  if (exclusion === "none") return manifest;
  const tags = exclusion === "until-replicated" ? { ...manifest.tags, [OURS]: "true" } : manifest.tags;
  return { ...manifest, excludeFromLatest: true, ...(tags && { tags }) };
}

/** How a whole version is to be sent: one that exists stays in `latest`, or out of it, as it is by now. */
export function exclusionToSend(wished: Exclusion, present: GalleryVersion | undefined): Exclusion {
  if (!present) return wished;
  if (!present.excludeFromLatest) return "none";
  return isOurExclusion(present) && wished !== "for-good" ? "until-replicated" : "for-good";
}

/** Whether the version is left out of `latest` by the pipeline, which means to end it. */
export function isOurExclusion(version: GalleryVersion): boolean {
  return version.excludeFromLatest && isMarked(version);
}

/** Whether the version has our mark, even one that means nothing since the version is in `latest`. */
export function isMarked({ tags }: GalleryVersion): boolean {
  return tags?.[OURS] === "true";
}

/** The version's tags without our mark; a value instead of none, in case Azure adds the tags of an update to those it has. */
export function unmarkedTags({ tags }: GalleryVersion): Record<string, string> {
  return { ...tags, [OURS]: "false" };
}
