import type { TokenCredential } from "@azure/identity";
import { readable } from "../../core/refusals.ts";
import { withinSeconds } from "./answers.ts";
import { type Arm, getFromArm } from "./arm-requests.ts";

/**
 * Why an operation that Azure accepted has failed, such as a quota; nowhere else does Azure tell. Undefined when it did
 * not fail, or when the pipeline may not read it.
 */
export async function failureOf(
  credential: TokenCredential,
  arm: Arm,
  address: string,
): Promise<string | undefined> {
  // The address is signed, so it is asked as it is; a token goes nowhere but to Resource Manager.
  if (!address.startsWith(`${arm.endpoint}/`)) return undefined;
  const path = address.slice(arm.endpoint.length);
  const { status, body } = await getFromArm(credential, arm, path, withinSeconds());
  const message = textIn(body, "message");
  if (status !== 200 || message === undefined) return undefined;
  return `${readable(message)} [${textIn(body, "code") ?? "no code"}]`;
}

function textIn(operation: unknown, name: "code" | "message"): string | undefined {
  const error: unknown =
    typeof operation === "object" && operation !== null ? Reflect.get(operation, "error") : null;
  const text: unknown = typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
  return typeof text === "string" ? text : undefined;
}
