import { localWebhookSecret } from "../../local/local-azure.ts";
import { writeProfile } from "../../local/profiles.ts";
import { aPackage, runAction, startDeployment } from "./a-deployment.ts";
import { aGithub, aWebhook } from "./listeners.ts";

const clientId = "Iv23liLocal";

describe("when a release ends", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;
  let webhook: Awaited<ReturnType<typeof aWebhook>>;
  let github: Awaited<ReturnType<typeof aGithub>>;

  beforeAll(async () => {
    deployment = await startDeployment({
      listeners: async ({ certificates, keyVault }) => {
        webhook = await aWebhook(certificates, localWebhookSecret, 503, 500);
        github = await aGithub(certificates, { clientId, publicKey: keyVault.publicKey });
        const repository = { application: "flooperapp", repository: "contoso/flooper" };
        return {
          NOTIFY_WEBHOOK: JSON.stringify({
            url: webhook.url,
            secretUrl: `${keyVault.endpoint}/secrets/webhook`,
          }),
          NOTIFY_GITHUB: JSON.stringify({
            ...{ clientId, keyUrl: `${keyVault.endpoint}/keys/github-app`, apiUrl: github.url },
            repositories: [
              repository,
              { ...repository, via: "repository_dispatch" },
              { ...repository, application: "other" },
            ],
          }),
        };
      },
    });
    const { azure, workspace } = deployment;
    await writeProfile(azure, "flooperapp", { schema: 1, supportedOSType: "Linux" });
    await aPackage(workspace);
    await runAction(azure, workspace, { with: { version: "1.0.0" } });
  });
  afterAll(async () => {
    await deployment.stop();
    await Promise.all([webhook.stop(), github.stop()]);
  });

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await deployment.azure.clock.sleep(5000);
  }

  it("tells the webhook, signed with a secret of Key Vault, as often as it takes", async () => {
    await until(() => webhook.heard.length > 0);
    expect(webhook.heard).toHaveLength(1);
    expect(webhook.heard[0]).toMatchObject({
      ...{ schema: 1, event: "release-ended", application: "flooperapp", version: "1.0.0" },
      ...{ outcome: "published", reason: null, versionId: expect.stringContaining("/1.0.0") },
    });
    expect(webhook.heard[0].regions).toHaveLength(3);
  });

  it("tells the application's repository by an app whose key stays in Key Vault, and no other", async () => {
    await until(() => github.heard.some(({ path }) => path.endsWith("/dispatches")));
    expect(github.heard.map(({ path }) => path)).toEqual([
      "/app/installations/7/access_tokens",
      "/repos/contoso/flooper/deployments",
      "/repos/contoso/flooper/deployments/42/statuses",
      "/app/installations/7/access_tokens",
      "/repos/contoso/flooper/dispatches",
    ]);
    const [token, made, status, , dispatched] = github.heard.map(({ body }) => body);
    expect(token).toEqual({ repositories: ["flooper"], permissions: { deployments: "write" } });
    expect(made).toMatchObject({ ref: "v1.0.0", auto_merge: false, required_contexts: [] });
    expect(status).toEqual({ state: "success", description: "flooperapp 1.0.0: published" });
    expect(dispatched.client_payload.release).toMatchObject({ version: "1.0.0", outcome: "published" });
  });
});
