import type { TokenCredential } from "@azure/identity";
import type { Log } from "./console.ts";
import { memberOf } from "./thrown.ts";

/** How long a token of GitHub's lives at most, whatever it says of itself (GitHub documentation: five minutes). */
const LIFETIME_SECONDS = 300;

/**
 * The job's own GitHub token as a credential, for whoever takes it without Entra in between: the scope is the audience.
 * Its end is counted from now by its own lifetime, so that a wrong clock of the machine does no harm.
 */
export function jobCredential(idToken: (audience: string) => Promise<string>, log: Log): TokenCredential {
  let hasTold = false;
  return {
    getToken: async (scopes) => {
      const audience = [scopes].flat().join(" ");
      const token = await idToken(audience);
      if (!hasTold) log.info(`signed in with this job's own GitHub OIDC token, for ${audience}`);
      hasTold = true;
      return { token, expiresOnTimestamp: Date.now() + lifetimeSeconds(token) * 1000 };
    },
  };
}

// Nothing is decided by it but when to ask for the next, so nobody checks the signature.
function lifetimeSeconds(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const seconds = Number(memberOf(claims, "exp")) - Number(memberOf(claims, "iat"));
    return seconds > 0 ? Math.min(seconds, LIFETIME_SECONDS) : LIFETIME_SECONDS;
  } catch {
    return LIFETIME_SECONDS;
  }
}
