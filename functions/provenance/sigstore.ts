import type { Attestations } from "../ports.ts";
import { verifyBundle } from "./bundle-verification.ts";
import { publishedRoots, rootsInFolder } from "./root-sources.ts";
import { createTrustRoots, type RootSources } from "./trust-roots.ts";

/** Attestations as Sigstore makes them, verified by roots from these sources. */
export function sigstoreAttestations(sources: RootSources): Attestations {
  const roots = createTrustRoots(sources);
  return {
    async verify(bundle, instance) {
      const { material, notes } = await roots.of(instance);
      return { ...verifyBundle(bundle, instance, material), notes };
    },
  };
}

/** The sources that the function app's settings choose: an operator's folder of roots, or the published ones. */
export function rootSources(folder: string | undefined, now: () => number): RootSources {
  return folder === undefined ? publishedRoots(now) : rootsInFolder(folder, now);
}
