import { createHash } from "node:crypto";

/** Gives tokens; `@azure/identity` has such credentials. */
export interface Tokens {
  getToken(scope: string, options?: { abortSignal?: AbortSignal }): Promise<{ token: string } | null>;
}

/** As much of Key Vault as notifications need. Keys never leave it. */
export interface KeyVault {
  /** The value of a secret, by its address. */
  secret(url: string): Promise<string>;
  /** Signs the SHA-256 of a text with RSASSA-PKCS1-v1_5, base64url; `url` is the key's address. */
  signed(url: string, text: string): Promise<string>;
}

const VERSION = "api-version=7.4";
const KEPT_MILLISECONDS = 300_000;

/** Key Vault, asked with the function app's identity. Secrets are kept for five minutes. */
export function keyVault(signIn: () => Tokens, now: () => number = Date.now): KeyVault {
  let credential: Tokens | undefined;
  const kept = new Map<string, { readonly value: string; readonly until: number }>();

  async function ask(url: string, member: string, init: RequestInit = {}): Promise<string> {
    const signal = AbortSignal.timeout(10_000);
    // Made when it is first needed: most endings are told to nobody.
    credential ??= signIn();
    const token = await credential.getToken(scopeOf(url), { abortSignal: signal });
    const headers = { authorization: `Bearer ${token?.token ?? ""}`, "content-type": "application/json" };
    const response = await fetch(`${url}?${VERSION}`, { ...init, headers, signal, redirect: "error" });
    const body: unknown = await response.json();
    const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, member) : undefined;
    if (response.status !== 200 || typeof value !== "string")
      throw new Error(`Key Vault answered ${response.status}`);
    return value;
  }

  return {
    async secret(url) {
      const before = kept.get(url);
      if (before && before.until > now()) return before.value;
      const value = await ask(url, "value");
      kept.set(url, { value, until: now() + KEPT_MILLISECONDS });
      return value;
    },
    signed: (url, text) => {
      const value = createHash("sha256").update(text).digest("base64url");
      const body = JSON.stringify({ alg: "RS256", value });
      return ask(`${url}/sign`, "value", { method: "POST", body });
    },
  };
}

// https://NAME.vault.azure.net and https://NAME.vault.azure.cn have audiences without the vault's name.
function scopeOf(url: string): string {
  const { hostname, origin } = new URL(url);
  const [, domain] = /^[^.]+\.(vault\..+)$/.exec(hostname) ?? [];
  return `${domain === undefined ? origin : `https://${domain}`}/.default`;
}
