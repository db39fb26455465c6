import { type ApiOperation, type AppRole, rolesFor } from "../../core/permission.ts";
import type { Reason } from "../../core/problem.ts";

/** Somebody whose token was verified. `kind` says by which issuer; every kind answers the same questions. */
export interface Caller {
  readonly kind: "entra";
  /** What Entra calls the object: a user, or the service principal of an application. */
  readonly objectId: string;
  /** The application that asked for the token. */
  readonly clientId: string;
  readonly roles: readonly AppRole[];
}

/** Why a request is not served, with the HTTP status that says so. */
export interface Denial {
  readonly status: 401 | 403 | 503;
  readonly reason: Reason;
}

/** Finds out who is calling, by the `Authorization` header alone. */
export type Identify = (
  authorization: string | null,
) => Promise<{ readonly caller: Caller } | { readonly denial: Denial }>;

/** One line that is the same for each request of a caller, and for nobody else's. */
export function callerKey({ kind, objectId, clientId }: Caller): string {
  return `${kind} ${objectId} ${clientId}`;
}

/** How reports name a caller. */
export function callerText({ objectId, clientId }: Caller): string {
  return `the Entra object ${objectId} (application ${clientId})`;
}

/** Why a caller may not do an operation on any application; undefined when it may. */
export function denialOf(caller: Caller, operation: ApiOperation): Denial | undefined {
  const needed = rolesFor(operation);
  if (needed.some((role) => caller.roles.includes(role))) return undefined;
  return {
    status: 403,
    reason: {
      code: "role-missing",
      message: `the token has no app role that allows to ${operation}; ${needed.join(" or ")} does`,
      nextStep: `Have an administrator assign the app role ${needed[0] ?? ""} of the pipeline's API to the caller, then ask for a new token.`,
    },
  };
}

/** Whether an application is a caller's business. `named`: the object or client ids that its profile limits it to. */
export function maySee(caller: Caller, named: readonly string[] | undefined): boolean {
  if (named === undefined) return true;
  const own = [caller.objectId, caller.clientId].map((id) => id.toLowerCase());
  return named.some((id) => own.includes(id.toLowerCase()));
}
