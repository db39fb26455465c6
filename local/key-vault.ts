// As much of Key Vault as notifications need: one secret, and one RSA key that never leaves.
import { constants, generateKeyPairSync, type KeyObject, privateEncrypt } from "node:crypto";
import type { IncomingMessage } from "node:http";
import * as z from "zod";
import type { Certificates } from "./certificates.ts";
import { type JsonAnswer, jsonHandler, listenHttps, readText } from "./listener.ts";
import type { AccessControl, TokenVerifier } from "./world.ts";

/** What a key vault needs from the rest of the local Azure. */
export type KeyVaultOptions = {
  /** Its ARM id. */
  readonly id: string;
  readonly certificates: Certificates;
  readonly access: AccessControl;
  readonly tokens: TokenVerifier;
  readonly secrets: Readonly<Record<string, string>>;
};

/** A running key vault. Any name of a key means its one key. */
export type LocalKeyVault = {
  readonly endpoint: string;
  readonly publicKey: KeyObject;
  stop(): Promise<void>;
};

// What PKCS #1 puts before a SHA-256 that is signed.
const DIGEST_INFO = Buffer.from("3031300d060960864801650304020105000420", "hex");

/** Starts a key vault that asks Azure RBAC who may read its secrets and sign with its key. */
export async function startKeyVault(options: KeyVaultOptions): Promise<LocalKeyVault> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const listener = await listenHttps(options.certificates);
  const { origin } = listener;
  listener.serve(jsonHandler((request) => answer({ ...options, origin, privateKey }, request)));
  return { endpoint: origin, publicKey, stop: () => listener.stop() };
}

async function answer(
  vault: KeyVaultOptions & { readonly origin: string; readonly privateKey: KeyObject },
  request: IncomingMessage,
): Promise<JsonAnswer> {
  const { pathname, searchParams } = new URL(request.url ?? "/", vault.origin);
  if (!searchParams.has("api-version")) return refused(400, "BadParameter");
  const caller = await vault.tokens.verify(request.headers.authorization, [vault.origin]);
  if (!caller) return refused(401, "Unauthorized");
  const [, kind = "", name = "", verb = ""] = pathname.split("/");
  const action = `${request.method ?? ""} ${kind}/${verb}`;
  const needed = { "GET secrets/": "secrets/getSecret/action", "POST keys/sign": "keys/sign/action" }[action];
  if (needed === undefined) return refused(501, "NotSupportedLocally");
  const isAllowed = vault.access.isAllowed({
    ...{ principalId: caller.principalId, action: `Microsoft.KeyVault/vaults/${needed}` },
    ...{ isDataAction: true, scope: `${vault.id}/${kind}/${name}` },
  });
  if (!isAllowed) return refused(403, "Forbidden");
  const id = `${vault.origin}/${kind}/${name}/1`;
  if (kind === "secrets") {
    const value = vault.secrets[name];
    return value === undefined ? refused(404, "SecretNotFound") : { status: 200, body: { id, value } };
  }
  return { status: 200, body: { kid: id, value: signed(vault.privateKey, await readText(request)) } };
}

function signed(key: KeyObject, body: string): string {
  const { value } = z.object({ alg: z.literal("RS256"), value: z.string() }).parse(JSON.parse(body));
  const digest = Buffer.concat([DIGEST_INFO, Buffer.from(value, "base64url")]);
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digest).toString("base64url");
}

function refused(status: number, code: string): JsonAnswer {
  return { status, body: { error: { code, message: code } } };
}
