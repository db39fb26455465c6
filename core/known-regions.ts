import type { Region } from "./region.ts";
import { findRegion, nearestRegion, regionKey } from "./region.ts";

// For hints only: a region that is missing here is not refused. The subscription's live list decides.
const NAMES = [
  ...["australiacentral", "australiacentral2", "australiaeast", "australiasoutheast", "austriaeast"],
  ...["belgiumcentral", "brazilsouth", "brazilsoutheast", "canadacentral", "canadaeast", "centralindia"],
  ...["centralus", "centraluseuap", "chilecentral", "denmarkeast", "eastasia", "eastus", "eastus2"],
  ...["eastus2euap", "francecentral", "francesouth", "germanynorth", "germanywestcentral"],
  ...["indonesiacentral", "israelcentral", "italynorth", "japaneast", "japanwest", "jioindiacentral"],
  ...["jioindiawest", "koreacentral", "koreasouth", "malaysiawest", "mexicocentral", "newzealandnorth"],
  ...["northcentralus", "northeurope", "norwayeast", "norwaywest", "polandcentral", "qatarcentral"],
  ...["southafricanorth", "southafricawest", "southcentralus", "southeastasia", "southindia"],
  ...["spaincentral", "swedencentral", "switzerlandnorth", "switzerlandwest", "uaecentral", "uaenorth"],
  ...["uksouth", "ukwest", "westcentralus", "westeurope", "westindia", "westus", "westus2", "westus3"],
  ...["chinaeast", "chinaeast2", "chinaeast3", "chinanorth", "chinanorth2", "chinanorth3"],
  ...["usdodcentral", "usdodeast", "usgovarizona", "usgovtexas", "usgovvirginia"],
];

/** Azure's regions as far as they were known when this was written, in their short names. */
export const knownRegions: readonly Region[] = NAMES.map((name) => ({ name, displayName: name }));

/** A hint that `name` looks misspelt, with the region that may be meant; undefined for a known one. */
export function regionHint(name: string): string | undefined {
  if (findRegion(name, knownRegions)) return undefined;
  const meant = nearestRegion(name, knownRegions);
  const guess = meant ? ` (meant: ${meant.name}?)` : "";
  return `${JSON.stringify(regionKey(name))} is no Azure region known here${guess}; the pipeline has the last word`;
}
