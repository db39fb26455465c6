/** A region under both of its names: `eastus` is sent, `East US` comes back. */
export type Region = { readonly name: string; readonly displayName: string };

/** Display names of regions of the public cloud. */
export const publicRegions: readonly string[] = [
  ...["Australia Central", "Australia East", "Australia Southeast", "Austria East", "Belgium Central"],
  ...["Brazil South", "Canada Central", "Canada East", "Central India", "Central US", "Chile Central"],
  ...["East Asia", "East US", "East US 2", "France Central", "Germany West Central", "Indonesia Central"],
  ...["Israel Central", "Italy North", "Japan East", "Japan West", "Korea Central", "Korea South"],
  ...["Malaysia West", "Mexico Central", "New Zealand North", "North Central US", "North Europe"],
  ...["Norway East", "Poland Central", "Qatar Central", "South Africa North", "South Central US"],
  ...["South India", "Southeast Asia", "Spain Central", "Sweden Central", "Switzerland North"],
  ...["UAE North", "UK South", "UK West", "West Central US", "West Europe", "West India", "West US"],
  ...["West US 2", "West US 3"],
];

/** Display names of regions of Azure operated by 21Vianet. */
export const chinaRegions: readonly string[] = [
  ...["China East", "China East 2", "China East 3", "China North", "China North 2", "China North 3"],
];

/** Display names of regions of Azure Government. */
export const governmentRegions: readonly string[] = [
  ...["USGov Arizona", "USGov Texas", "USGov Virginia", "USDoD Central", "USDoD East"],
];

/** The short form of any spelling of a region. */
export function regionName(spelling: string): string {
  return spelling.toLowerCase().replaceAll(" ", "");
}

/** The region of that spelling, if it is among `displayNames`. */
export function regionNamed(spelling: string, displayNames: readonly string[]): Region | undefined {
  const name = regionName(spelling);
  const displayName = displayNames.find((candidate) => regionName(candidate) === name);
  return displayName === undefined ? undefined : { name, displayName };
}
