import type { LocalIdentity } from "../world.ts";

/** Which token of another issuer Entra takes for an identity's own proof. */
export type FederatedCredential = {
  readonly issuer: string;
  /** Compared byte for byte. */
  readonly subject: string;
  readonly audiences: readonly string[];
};

/** An identity and what it can prove itself with. */
export type Registration = {
  readonly identity: LocalIdentity;
  readonly federatedCredentials?: readonly FederatedCredential[];
  /** For tools that know no better; the project itself has no secrets. */
  readonly secret?: string;
  /** App roles by audience, for the `roles` claim. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
};

/** All principals of the local tenant. */
export type Registry = {
  add(registration: Registration): void;
  remove(principalId: string): void;
  byClientId(clientId: string): Registration | undefined;
  byPrincipalId(principalId: string): Registration | undefined;
  byName(name: string): Registration | undefined;
  all(): readonly Registration[];
};

/** A registry that compares ids as Entra does, without regard to case. */
export function createRegistry(registrations: readonly Registration[] = []): Registry {
  const byPrincipal = new Map<string, Registration>();
  const registry: Registry = {
    add: (registration) => {
      byPrincipal.set(registration.identity.principalId.toLowerCase(), registration);
    },
    remove: (principalId) => {
      byPrincipal.delete(principalId.toLowerCase());
    },
    byClientId: (clientId) => find((identity) => sameId(identity.clientId, clientId)),
    byPrincipalId: (principalId) => byPrincipal.get(principalId.toLowerCase()),
    byName: (name) => find((identity) => identity.name === name),
    all: () => [...byPrincipal.values()],
  };
  for (const registration of registrations) registry.add(registration);
  return registry;

  function find(matches: (identity: LocalIdentity) => boolean): Registration | undefined {
    return registry.all().find(({ identity }) => matches(identity));
  }
}

/** Whether two GUIDs or ARM ids are the same one. */
export function sameId(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
