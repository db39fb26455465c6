import type { TokenCredential } from "@azure/identity";
import { Problem } from "../core/problem.ts";
import type { AzureAnswer } from "../core/refusals.ts";

/** Writes to Resource Manager: nothing but a probe does, so it is not among what the function app reads with. */
export interface WriteArm {
  send(
    method: "GET" | "PUT" | "DELETE",
    path: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<ArmReply>;
}

/** What Resource Manager answered. */
export interface ArmReply {
  readonly status: number;
  readonly body: unknown;
}

/** Resource Manager as whoever is signed in. */
export function writeArm(
  credential: TokenCredential,
  arm: { readonly endpoint: string; readonly scope: string },
): WriteArm {
  return {
    async send(method, path, body, signal) {
      const abortSignal = AbortSignal.any([AbortSignal.timeout(60_000), ...(signal ? [signal] : [])]);
      const token = await credential.getToken(arm.scope, { abortSignal });
      const response = await fetch(`${arm.endpoint}${path}`, {
        method,
        headers: { authorization: `Bearer ${token?.token ?? ""}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
        signal: abortSignal,
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    },
  };
}

/** The error that Resource Manager answered, in the form that its refusals are explained in. */
export function answerIn({ status, body }: ArmReply, service: AzureAnswer["service"]): AzureAnswer {
  const error = memberOf(body, "error");
  return { service, status, code: textIn(error, "code"), message: textIn(error, "message") };
}

/** Throws when whoever probes may not do what was asked, saying which rights a probe needs. */
export function refuseUnlessAllowed({ status, body }: ArmReply, what: string): void {
  if (status !== 401 && status !== 403) return;
  const { code, message } = answerIn({ status, body }, "gallery");
  throw notAllowed(what, `${code} ${message}`);
}

/** Whoever probes may not do that. */
export function notAllowed(what: string, answer: string, cause?: unknown): Problem {
  return new Problem(
    "probe-not-allowed",
    `whoever is signed in may not ${what}: ${answer}`,
    "A probe needs Contributor on the gallery's resource group, and on the packages account Role Based Access Control " +
      "Administrator and Storage Blob Data Contributor, from an address that the account lets in (runnerAddressRanges). " +
      "A new assignment takes up to ten minutes.",
    { cause },
  );
}

/** The text of a member of something that was read, or empty. */
export function textIn(value: unknown, ...path: readonly string[]): string {
  const found = path.reduce(memberOf, value);
  return typeof found === "string" ? found : "";
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
