import { Problem, type Reason, reasonOf } from "../core/problem.ts";
import { type Refusal, type RefusalContext, refusalOf, type Unavailable } from "../core/refusals.ts";
import { AzureRefusal } from "./ports.ts";

/** What a thrown refusal of Azure's, or a problem, means; undefined for a surprise. `names` makes next steps concrete. */
export function refusalIn(error: unknown, names: RefusalContext): Refusal | undefined {
  if (error instanceof AzureRefusal) return refusalOf(error.answer, { ...names, ...error.context });
  if (error instanceof Problem) return { kind: "final", reason: reasonOf(error) };
  return undefined;
}

/** What `act` gives, or Azure's refusal as a value. Surprises are thrown. */
export async function answered<Output>(
  act: () => Promise<Output>,
  names: RefusalContext,
): Promise<Output | Unavailable> {
  try {
    return await act();
  } catch (error) {
    const refusal = refusalIn(error, names);
    if (refusal) return { state: "unavailable", refusal };
    throw error;
  }
}

/** Azure accepted a write; `operation` is the address of what goes on, which tells why it fails if it does. */
export type Accepted = "accepted" | { readonly state: "accepted"; readonly operation: string };

/** Azure accepted a write, works on it, and keeps something else than was sent. */
export interface Altered {
  readonly state: "altered";
  readonly reason: Reason;
}

/** That Azure accepted a write, with the address of its operation if there is one. */
export function acceptedAs(operation: string | undefined): Accepted {
  return operation === undefined ? "accepted" : { state: "accepted", operation };
}

/** That a submission cannot be published, and why. */
export interface Refused {
  readonly state: "refused";
  readonly reason: Reason;
}

/** What a refusal for that reason is. */
export function refused(reason: Reason): Refused {
  return { state: "refused", reason };
}
