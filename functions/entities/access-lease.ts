import { type Lease, type LeaseRules, type LeaseStep, leaseStep, type Told } from "../../core/lease.ts";
import { readable, type RefusalContext, type Unavailable } from "../../core/refusals.ts";
import { refusalIn } from "../answered.ts";
import { type Access, accessAt, type Ports } from "../ports.ts";
import type { Batch, EntityBody } from "../vocabulary.ts";

/**
 * The entity that alone writes and deletes a role assignment: inside its operations, which run one at a time. A crash
 * after an effect does no harm, since the operation runs again before anybody has heard of it.
 */
export function accessLease(
  ports: Pick<Ports, "access" | "legacyAccess">,
  rules: LeaseRules,
  names: RefusalContext,
  decide: typeof leaseStep = leaseStep,
): EntityBody<Lease, "accessLease"> {
  return async (key, lease, { lessee, operation }, batch) => {
    const step = decide(lease, operation, rules);
    if ("answer" in step) return { state: step.lease, answer: step.answer };
    const access = accessAt(ports, lessee.place);
    // The key says which assignment this is about: nobody can have another one written.
    const told =
      access?.assignmentName(lessee.principalId) === key
        ? await asked(access, step.call, lessee.principalId, { batch, names })
        : misdirected(key);
    const { lease: state, answer } = step.resume(told);
    return { state, answer };
  };
}

type Call = Extract<LeaseStep, { call: string }>["call"];

async function asked(
  access: Access,
  call: Call,
  principalId: string,
  { batch, names }: { readonly batch: Batch; readonly names: RefusalContext },
): Promise<Told> {
  // A batch's operations wait for one another, so in an outage only the first of them asks.
  if (batch.refusal) return { state: "unavailable", refusal: batch.refusal };
  try {
    return { state: await (call === "grant" ? access.grant(principalId) : access.revoke(principalId)) };
  } catch (error) {
    batch.refusal = refusalIn(error, names) ?? surprise(error);
    return { state: "unavailable", refusal: batch.refusal };
  }
}

function misdirected(key: string): Unavailable {
  const reason = {
    code: "other-lease",
    message: `the access lease ${key} was asked for an assignment that is not its own`,
    nextStep: "Look at who calls the function app's entities; its own stories never ask so.",
  };
  return { state: "unavailable", refusal: { kind: "final", reason } };
}

function surprise(error: unknown): Unavailable["refusal"] {
  const message = `the access lease met something unforeseen: ${readable(String(error))}`;
  const nextStep = "Look at the function app's log around this time.";
  return { kind: "transient", reason: { code: "unexpected", message, nextStep } };
}
