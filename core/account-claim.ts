import * as z from "zod";
import { Problem } from "./problem.ts";
import { secondsBetween } from "./report.ts";

const claimSchema = z.object({ app: z.string(), seenAt: z.string() });

/**
 * Which function app works on a packages account, and when it last said so. Two would each take away the access that the
 * other one's releases need, since their leases know nothing of each other.
 */
export type AccountClaim = z.infer<typeof claimSchema>;

/** Where the claim is kept in `reports`: no application's name begins so. */
export const CLAIM_PATH = "_function-app.json";

/** An app that has said nothing for so long is gone, and another one may take its place. */
const SILENT_SECONDS = 1800;

/** Whether an account with that claim is another app's, which has not been silent for too long. */
export function isAnothers(claim: AccountClaim, app: string, at: string): boolean {
  return claim.app !== app && secondsBetween(claim.seenAt, at) < SILENT_SECONDS;
}

/** Why an app may not work on an account that is another one's. */
export function claimedByAnother({ app, seenAt }: AccountClaim): Problem {
  return new Problem(
    "account-claimed",
    `another function app, ${app}, works on this packages account; it said so last at ${seenAt}`,
    "Keep one of the two. If that one is gone, this one takes its place half an hour after that; then ask for a retry.",
  );
}

/** The claim in a text that the pipeline wrote; undefined when somebody made something else of it. */
export function parseClaim(text: string): AccountClaim | undefined {
  try {
    return claimSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The text in which a claim is kept. */
export function claimText(claim: AccountClaim): string {
  return `${JSON.stringify(claim)}\n`;
}
