/** A member of something of which nothing is known, or undefined. */
export function memberOf(thing: unknown, name: string): unknown {
  if (typeof thing !== "object" || thing === null) return undefined;
  const value: unknown = Reflect.get(thing, name);
  return value;
}

/** What an error says of itself; of anything else, its text. */
export function messageOf(error: unknown): string {
  const message = memberOf(error, "message");
  return typeof message === "string" && message !== "" ? message : String(error);
}
