/** The form in which two ids that differ only in case are equal, as Resource Manager sees them. */
export function idKey(id: string): string {
  return id.toLowerCase();
}

/** The id of the resource that `id` lies in: drops the last type and name. */
export function parentId(id: string): string {
  return id.split("/").slice(0, -2).join("/");
}

/** The id's last segment. */
export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** The subscription that an id lies in, or "". */
export function subscriptionOf(id: string): string {
  return /^\/subscriptions\/([^/]+)/i.exec(id)?.[1] ?? "";
}

/** The resource group that an id lies in, or "". */
export function resourceGroupOf(id: string): string {
  return /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? "";
}

/** The id of the resource group that an id lies in, or "". */
export function resourceGroupIdOf(id: string): string {
  return /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0] ?? "";
}

/** Whether `id` is `scope` or lies below it. */
export function isWithin(scope: string, id: string): boolean {
  const above = idKey(scope).replace(/\/$/, "");
  return idKey(id) === above || idKey(id).startsWith(`${above}/`);
}

/** A map by resource id that does not mind case. */
export class IdMap<T> {
  readonly #entries = new Map<string, T>();

  get(id: string): T | undefined {
    return this.#entries.get(idKey(id));
  }

  set(id: string, value: T): void {
    this.#entries.set(idKey(id), value);
  }

  delete(id: string): void {
    this.#entries.delete(idKey(id));
  }

  values(): readonly T[] {
    return [...this.#entries.values()];
  }
}
