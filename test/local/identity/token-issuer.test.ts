import { createRegistry } from "../../../local/identity/registry.ts";
import { createSigningKey } from "../../../local/identity/signing-key.ts";
import { createTokenIssuer } from "../../../local/identity/token-issuer.ts";
import { functionApp, tenantId } from "../a-local-world.ts";

async function anIssuer() {
  const clock = { time: 1_000_000_000_000 };
  const registry = createRegistry([{ identity: functionApp, roles: { "api://a": ["VmApp.Read"] } }]);
  const issuer = createTokenIssuer({
    issuer: "https://local/v2.0",
    tenantId,
    key: await createSigningKey(),
    registry,
    lifetimeSeconds: 3600,
    now: () => clock.time,
  });
  return { clock, registry, issuer };
}

describe("createTokenIssuer", () => {
  it.each([
    ["its audience", "api://a", 3599, functionApp],
    ["another audience", "api://b", 0, undefined],
    ["its audience, but too late", "api://a", 3601, undefined],
  ])("verifies a token at %s", async (_what, audience, secondsLater, expected) => {
    const { clock, issuer } = await anIssuer();
    const { token } = await issuer.issue({ identity: functionApp }, "api://a");
    clock.time += secondsLater * 1000;
    expect(await issuer.verifier.verify(`Bearer ${token}`, [audience])).toEqual(expected);
  });

  it("knows nobody by another issuer's token, nor one that was removed", async () => {
    const { issuer, registry } = await anIssuer();
    const other = await anIssuer();
    const { token } = await issuer.issue({ identity: functionApp }, "api://a");
    const elsewhere = await other.issuer.verifier.verify(`Bearer ${token}`, ["api://a"]);
    registry.remove(functionApp.principalId);
    expect([elsewhere, await issuer.verifier.verify(`Bearer ${token}`, ["api://a"])]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it.each([undefined, "", "Bearer", "Basic abc", "Bearer a.b.c"])(
    "knows nobody by %j",
    async (authorization) => {
      const { issuer } = await anIssuer();
      expect(await issuer.verifier.verify(authorization, ["api://a"])).toBeUndefined();
    },
  );
});
