import { type Gate, gateStep } from "../../core/application-gate.ts";
import type { EntityBody } from "../vocabulary.ts";

/** The entity that lets an application's operations through one by one. It asks nobody. */
export const applicationGate: EntityBody<Gate, "applicationGate"> = (_key, gate, { operation }) => {
  const { gate: state, answer } = gateStep(gate, operation);
  return Promise.resolve({ state, answer });
};
