import { readFileSync } from "node:fs";

type Entry = { readonly when: string; readonly code: string; readonly message?: string };

const overlay = JSON.parse(
  readFileSync(new URL("../../contracts/arm/contract-overlay.json", import.meta.url), "utf8"),
) as { readonly errors: readonly Entry[] };

// Where the catalogue quotes Azure's older limits, or leaves the end of a text open.
const anything = /\\\{\w+\\\}|1 GB|…/g;

/** Whether an error has the code and text that the catalogue of known answers has for the situation. */
export function catalogueFits(
  when: string,
  error: { readonly code: string; readonly message: string },
): boolean {
  const entry = overlay.errors.find((candidate) => candidate.when === when);
  if (!entry?.message) throw new Error(`the catalogue has no text for "${when}"`);
  const pattern = entry.message.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(anything, "[^]*?");
  return entry.code === error.code && new RegExp(`^${pattern}$`).test(error.message);
}
