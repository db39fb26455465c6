import { Problem } from "../core/problem.ts";
import { releaseFileFrom } from "../core/release-file.ts";
import { type Settings, settingsFields } from "../core/settings.ts";
import { parseYamlInput } from "./manifest-file.ts";

/** The input that overrides a field of the manifest: `targetRegions` → `target-regions`. */
export function inputOfField(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

type Reader = (text: string, input: string) => unknown;

const asNumber: Reader = (text) => (/^\d{1,9}$/.test(text) ? Number(text) : text);
const asBoolean: Reader = (text) => ({ true: true, false: false })[text.toLowerCase()] ?? text;
const asMap: Reader = (text, input) => parseYamlInput(text, input, "texts");

// Fields that are no plain texts.
const READERS: { readonly [Field in keyof Settings]?: Reader } = {
  targetRegions,
  replicaCount: asNumber,
  excludeFromLatest: asBoolean,
  enableHealthCheck: asBoolean,
  customActions: (text, input) => parseYamlInput(text, input, "values"),
  advancedSettings: asMap,
  tags: asMap,
};

/** The settings that inputs give; an empty input says nothing. All faults at once, as a problem `bad-input`. */
export function settingsFromInputs(input: (name: string) => string): Settings {
  const given: Record<string, unknown> = {};
  for (const field of settingsFields) {
    const name = inputOfField(field);
    const text = input(name);
    if (text !== "") given[field] = READERS[field]?.(text, name) ?? text;
  }
  const parsed = releaseFileFrom(given);
  if ("file" in parsed) return parsed.file;
  throw new Problem(
    "bad-input",
    parsed.faults.map(({ text }) => `input ${text.replace(/^\w+/, inputOfField)}`).join("\n"),
    "Mend the input; action.yml describes each, and Azure's documentation of VM applications its field.",
  );
}

// A list as people write it (commas or lines), or YAML or JSON with a map for each region.
function targetRegions(text: string, input: string): unknown {
  if (/^\s*(?:\[|- )/.test(text)) return parseYamlInput(text, input, "values");
  return text
    .split(/[,\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
