import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ClientAssertionCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { createRemoteJWKSet, decodeJwt, jwtVerify, SignJWT, generateKeyPair } from "jose";
import type { GithubJob } from "../../../local/identity/github-job.ts";
import {
  functionApp,
  releaseJob,
  startIdentities,
  storageScope,
  tenantId,
  tokenExchange,
  uploader,
} from "../a-local-world.ts";

let identities: Awaited<ReturnType<typeof startIdentities>>;
const audience = "https://storage.azure.com";

beforeAll(async () => {
  identities = await startIdentities();
});
afterAll(() => identities.stop());

describe("the token endpoint", () => {
  it("gives a token for GitHub's to the unmodified SDK", async () => {
    const { token, expiresOnTimestamp } = await credentialFor(githubToken()).getToken(storageScope);
    const caller = await identities.tokens.verify(`Bearer ${token}`, [audience]);
    const claims = decodeJwt(token);
    expect(caller).toEqual(uploader);
    expect(claims).toMatchObject({
      aud: audience,
      tid: tenantId,
      oid: uploader.principalId,
      azp: uploader.clientId,
    });
    expect(Math.round((expiresOnTimestamp - Date.now()) / 60_000)).toBe(60);
  });

  it.each([
    [700213, "of another environment", () => githubToken({ environment: "test" })],
    [700213, "with a classic subject", () => githubToken({ subjectFormat: "classic" })],
    [700213, "of a repository remade under its name", () => githubToken({ repositoryId: "1002" })],
    [700212, "for another audience", () => githubToken({}, "https://github.com/contoso")],
    [700024, "that has expired", () => githubToken({}, tokenExchange, -1)],
    [700211, "of another issuer", () => foreignToken("https://issuer.example")],
    [50013, "that is forged", () => foreignToken(identities.github.issuer)],
    [50027, "that is none", () => Promise.resolve("nonsense")],
  ])("answers AADSTS%i to a token %s", async (code, _what, token) => {
    const attempt = credentialFor(token()).getToken(storageScope);
    await expect(attempt).rejects.toThrow(`AADSTS${code}: `);
  });

  it.each([
    [401, { client_assertion: "x" }, { error: "invalid_client", error_codes: [50027] }],
    [401, { client_secret: "wrong" }, { error: "invalid_client", error_codes: [7000215] }],
    [401, {}, { error: "invalid_client", error_codes: [7000218] }],
    [400, { client_id: functionApp.name }, { error: "unauthorized_client", error_codes: [700016] }],
    [400, { grant_type: "password" }, { error: "unsupported_grant_type", error_codes: [70003] }],
    [400, { client_secret: "hush", scope: "openid" }, { error: "invalid_request", error_codes: [900144] }],
  ])("answers %i as Entra does to %j", async (status, fields, expected) => {
    const answer = await ask(fields);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      ...expected,
      error_description: expect.stringMatching(
        /^AADSTS\d+: .+ Trace ID: \S+ Correlation ID: \S+ Timestamp: /,
      ),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
      trace_id: expect.any(String),
      correlation_id: expect.any(String),
      error_uri: expect.stringContaining(String(expected.error_codes[0])),
    });
  });

  it("knows its own tenant only", async () => {
    const answer = await ask({ client_secret: "hush" }, "22222222-1111-4111-8111-111111111111");
    expect(await answer.json()).toMatchObject({ error_codes: [90002] });
  });

  it("takes a version 1 request, and a secret for tools that know no better", async () => {
    const answer = await ask({ client_secret: "hush", resource: `${audience}/`, scope: "" });
    const { access_token } = (await answer.json()) as { access_token: string };
    expect(decodeJwt(access_token).aud).toBe(`${audience}/`);
  });

  it.each([
    [
      "ClientSecretCredential",
      () => new ClientSecretCredential(tenantId, uploader.clientId, "hush", authority()),
    ],
    [
      "ClientSecretCredential in the tenant adfs, without being told not to ask about the authority",
      () =>
        new ClientSecretCredential("adfs", uploader.clientId, "hush", {
          authorityHost: identities.authorityHost,
        }),
    ],
    ["DefaultAzureCredential", () => new DefaultAzureCredential(authority())],
  ])("serves %s", async (_name, credential) => {
    const variables = {
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: uploader.clientId,
      AZURE_CLIENT_SECRET: "hush",
      AZURE_AUTHORITY_HOST: identities.authorityHost,
    };
    Object.assign(process.env, variables);
    const { token } = await credential().getToken(storageScope);
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name);
    expect(decodeJwt(token)["oid"]).toBe(uploader.principalId);
  });

  it("serves WorkloadIdentityCredential", async () => {
    const tokenFilePath = join(tmpdir(), `federated-token-${process.pid}`);
    await writeFile(tokenFilePath, await githubToken());
    const options = { tenantId, clientId: uploader.clientId, tokenFilePath, ...authority() };
    const { token } = await new WorkloadIdentityCredential(options).getToken(storageScope);
    await rm(tokenFilePath);
    expect(decodeJwt(token)["oid"]).toBe(uploader.principalId);
  });

  it("publishes the keys that its tokens are signed with", async () => {
    const configuration = `${identities.authorityHost}/${tenantId}/v2.0/.well-known/openid-configuration`;
    const { issuer, jwks_uri } = (await (await fetch(configuration)).json()) as Record<string, string>;
    const token = await identities.tokenFor(functionApp, "api://publisher");
    const keys = createRemoteJWKSet(new URL(jwks_uri!));
    const { payload } = await jwtVerify(token, keys, { issuer: issuer!, audience: "api://publisher" });
    expect(payload["oid"]).toBe(functionApp.principalId);
  });
});

function authority() {
  return { authorityHost: identities.authorityHost, disableInstanceDiscovery: true };
}

function githubToken(
  changes: Partial<GithubJob> = {},
  to = tokenExchange,
  seconds?: number,
): Promise<string> {
  return identities.github.tokenFor({ ...releaseJob, ...changes }, to, seconds);
}

async function foreignToken(issuer: string): Promise<string> {
  const { privateKey } = await generateKeyPair("RS256");
  const claims = decodeJwt(await githubToken());
  return new SignJWT({ ...claims, iss: issuer }).setProtectedHeader({ alg: "RS256" }).sign(privateKey);
}

function credentialFor(assertion: Promise<string>): ClientAssertionCredential {
  return new ClientAssertionCredential(tenantId, uploader.clientId, () => assertion, authority());
}

function ask(fields: Record<string, string>, tenant = tenantId): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: uploader.clientId,
    scope: storageScope,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ...fields,
  });
  return fetch(`${identities.authorityHost}/${tenant}/oauth2/v2.0/token`, { method: "POST", body });
}
