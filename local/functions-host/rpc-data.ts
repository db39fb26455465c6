import type { RpcData } from "./core-api.ts";

/** The JSON text of what a function returned, or null when it returned nothing. */
export function jsonTextFrom(data: RpcData | undefined): string | null {
  if (data === undefined) return null;
  if (data.json !== undefined) return data.json;
  if (data.string !== undefined) return JSON.stringify(data.string);
  if (data.bytes !== undefined) return JSON.stringify(Buffer.from(data.bytes).toString("base64"));
  const number = data.int ?? data.double;
  return number === undefined ? null : JSON.stringify(number);
}

/** A value as the host sends it to a function. */
export function jsonData(value: unknown): RpcData {
  return { json: value === undefined ? "null" : JSON.stringify(value) };
}
