import { createHash } from "node:crypto";

export type Value = any;
export type Lambda = (...values: readonly Value[]) => Value;

/** A GUID that is always the same for the same texts. */
export function guidOf(...texts: readonly unknown[]): string {
  const hex = createHash("sha256").update(texts.join("|").toLowerCase()).digest("hex");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5");
}

/** Bicep's functions that need to know nothing of the deployment, as far as the templates use them. */
export const pureFunctions: Readonly<Record<string, (...values: Value[]) => Value>> = {
  any: (value: Value) => value,
  cidrSubnet: (prefix: string, bits: number, index: number) => subnetOf(prefix, bits, index),
  concat: (...lists: Value[][]) => lists.flat(),
  contains: (where: Value, what: Value) =>
    typeof where === "string" || Array.isArray(where) ? where.includes(what) : what in where,
  empty: (value: Value) =>
    value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0),
  filter: (list: Value[], predicate: Lambda) => list.filter((item) => predicate(item)),
  flatten: (lists: Value[][]) => lists.flat(),
  guid: guidOf,
  items: (object: Record<string, Value>) =>
    Object.keys(object)
      .sort()
      .map((key) => ({ key, value: object[key] })),
  join: (list: string[], separator: string) => list.join(separator),
  last: (list: Value[]) => list.at(-1),
  map: (list: Value[], change: Lambda) => list.map((item) => change(item)),
  max: (...numbers: number[]) => Math.max(...numbers),
  replace: (text: string, from: string, to: string) => text.replaceAll(from, to),
  split: (text: string, separator: string) => text.split(separator),
  string: (value: Value) => JSON.stringify(value),
  take: (text: string, count: number) => text.slice(0, count),
  toLower: (text: string) => text.toLowerCase(),
  toObject: (list: Value[], key: Lambda, value: Lambda = (item: Value) => item) =>
    Object.fromEntries(list.map((item) => [key(item), value(item)])),
  union: (first: Value, ...others: Value[]) =>
    Array.isArray(first)
      ? [...new Set([first, ...others].flat())]
      : others.reduce((merged: Value, other: Value) => merge(merged, other), first),
  uniqueString: (...texts: string[]) =>
    guidOf("unique", ...texts)
      .replaceAll("-", "")
      .slice(0, 13),
};

function merge(one: Value, other: Value): Value {
  const isObject = (value: Value) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(one) || !isObject(other)) return other;
  const merged: Value = { ...one };
  for (const [key, value] of Object.entries(other)) merged[key] = key in one ? merge(one[key], value) : value;
  return merged;
}

function subnetOf(prefix: string, bits: number, index: number): string {
  const [address = ""] = prefix.split("/");
  const first =
    address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + index * 2 ** (32 - bits);
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${bits}`;
}
