import type { TokenCredential } from "@azure/identity";
import * as z from "zod";
import { askHttps, openAhead } from "./https-request.ts";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const TIMEOUT_MS = 30_000;

const grantedSchema = z.object({ access_token: z.string(), expires_in: z.coerce.number() });
const refusedSchema = z.object({ error: z.string(), error_description: z.string() });

/** Who signs in, where, and the token of another issuer that proves it. */
export interface FederatedIdentity {
  /** Entra's address, without a closing slash. */
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly assertion: () => Promise<string>;
}

/**
 * Exchanges the assertion for a token of Entra's: the client credentials grant with a federated credential, in Entra's
 * documentation "Access token request with a federated credential". Refusals are thrown with Entra's words.
 */
export function createFederatedCredential(identity: FederatedIdentity): TokenCredential {
  const { authority, tenantId, clientId, assertion } = identity;
  return {
    async getToken(scopes, options) {
      if (options?.tenantId !== undefined && options.tenantId !== tenantId) {
        throw new Error(`signed in to tenant ${tenantId}, asked for tenant ${options.tenantId}`);
      }
      openAhead(authority, 1);
      const form = new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        scope: [scopes].flat().join(" "),
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: await assertion(),
      });
      const { status, text } = await askHttps({
        method: "POST",
        url: `${authority}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
        headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
        body: Buffer.from(form.toString()),
        timeoutMs: TIMEOUT_MS,
      });
      if (status !== 200) throw new EntraError(status, text);
      const { access_token, expires_in } = grantedSchema.parse(JSON.parse(text));
      return { token: access_token, expiresOnTimestamp: Date.now() + expires_in * 1000 };
    },
  };
}

class EntraError extends Error {
  override readonly name = "EntraError";
  readonly statusCode: number;

  constructor(status: number, text: string) {
    const refused = refusedSchema.safeParse(jsonIn(text));
    super(refused.success ? refused.data.error_description : `Entra answered with status ${status}`);
    this.statusCode = status;
  }
}

function jsonIn(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}
