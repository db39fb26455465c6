import type { TokenCredential } from "@azure/identity";

/** The tokens that requests carry, asked for once and again before they end. */
export interface BearerTokens {
  current(): Promise<string>;
  /** A token of that tenant, from now on; for an account that says where it belongs. */
  ofTenant(tenantId: string): Promise<string>;
}

interface Token {
  readonly token: string;
  readonly endsAt: number;
}

// A block may be on its way for minutes, and its token is looked at when it arrives.
const SPARE_MS = 5 * 60_000;

/** The tokens of a credential for one scope, until so long before their end. Requests at the same time share one. */
export function bearerTokens(credential: TokenCredential, scope: string, spareMs = SPARE_MS): BearerTokens {
  let latest: Token | undefined;
  let asking: Promise<Token> | undefined;

  async function ask(options: { readonly tenantId?: string } = {}): Promise<Token> {
    const given = await credential.getToken(scope, options);
    if (given === null) throw new Error(`there is no token for ${scope}`);
    return { token: given.token, endsAt: given.expiresOnTimestamp };
  }

  return {
    async current() {
      if (latest && Date.now() < latest.endsAt - spareMs) return latest.token;
      asking ??= ask().finally(() => (asking = undefined));
      latest = await asking;
      return latest.token;
    },
    async ofTenant(tenantId) {
      latest = await ask({ tenantId });
      return latest.token;
    },
  };
}
