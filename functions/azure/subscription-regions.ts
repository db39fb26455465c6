import type { TokenCredential } from "@azure/identity";
import type { Region } from "../../core/region.ts";
import { AzureRefusal } from "../ports.ts";
import { answerOf, withinSeconds } from "./answers.ts";
import { type Arm, getFromArm } from "./arm-requests.ts";

/**
 * The regions that the subscription may use (Azure's "Subscriptions - List Locations"). Undefined when the pipeline may
 * not ask: that takes a right at the subscription, which not everybody gives.
 */
export async function subscriptionRegions(
  credential: TokenCredential,
  arm: Arm,
  subscriptionId: string,
): Promise<readonly Region[] | undefined> {
  const path = `/subscriptions/${subscriptionId}/locations?api-version=2022-12-01`;
  const { status, body } = await answerTo(() => getFromArm(credential, arm, path, withinSeconds()));
  if (status === 403) return undefined;
  const listed: unknown =
    typeof body === "object" && body !== null && "value" in body ? body.value : undefined;
  if (status !== 200 || !Array.isArray(listed)) {
    throw new AzureRefusal({
      service: "gallery",
      status,
      code: "Locations",
      message: "the list of regions was not given",
    });
  }
  return listed.flatMap(regionIn);
}

async function answerTo<Result>(request: () => Promise<Result>): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    // What `fetch` throws has the system's own error as its cause, and no status.
    const message = error instanceof Error ? error.message : String(error);
    const none = { service: "gallery", status: 0, code: "FetchFailed", message } as const;
    throw new AzureRefusal(answerOf("gallery", error) ?? none, {}, { cause: error });
  }
}

function regionIn(location: unknown): Region[] {
  if (typeof location !== "object" || location === null) return [];
  const name: unknown = Reflect.get(location, "name");
  const displayName: unknown = Reflect.get(location, "displayName");
  return typeof name === "string" && typeof displayName === "string" ? [{ name, displayName }] : [];
}
