import { distance } from "./spelling.ts";

/** One of the subscription's locations: `eastus2`, shown as `East US 2`. */
export interface Region {
  readonly name: string;
  readonly displayName: string;
}

/** The form in which regions are compared: `East US 2` and `eastus2` are the same region. */
export function regionKey(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, "");
}

/** Whether two names mean the same region. */
export function isSameRegion(a: string, b: string): boolean {
  return regionKey(a) === regionKey(b);
}

/** The known region that `name` means, by its name or its display name. */
export function findRegion(name: string, known: readonly Region[]): Region | undefined {
  const key = regionKey(name);
  return known.find((region) => regionKey(region.name) === key || regionKey(region.displayName) === key);
}

/** The known region whose name is spelled most like `name`, if any is near enough to be meant. */
export function nearestRegion(name: string, known: readonly Region[]): Region | undefined {
  const key = regionKey(name);
  let best: { region: Region; distance: number } | undefined;
  for (const region of known) {
    const away = distance(key, regionKey(region.name));
    if (!best || away < best.distance) best = { region, distance: away };
  }
  return best && best.distance <= 3 ? best.region : undefined;
}

/** The names that occur more than once in the list, each once, as written the second time. */
export function duplicateRegions(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.filter((name) => {
    const times = (seen.get(regionKey(name)) ?? 0) + 1;
    seen.set(regionKey(name), times);
    return times === 2;
  });
}
