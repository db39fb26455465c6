import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { trustEnvironment } from "../../../local/certificates.ts";
import { subjectOf } from "../../../local/identity/github-job.ts";
import { releaseJob, startIdentities } from "../a-local-world.ts";

let identities: Awaited<ReturnType<typeof startIdentities>>;

beforeAll(async () => {
  identities = await startIdentities();
});
afterAll(() => identities.stop());

describe("GitHub's issuer", () => {
  it("gives a job its five-minute token through the toolkit", async () => {
    const token = await tokenByToolkit("api://AzureADTokenExchange");
    const { issuer } = identities.github;
    const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks`));
    const { payload } = await jwtVerify(token, keys, { issuer, audience: "api://AzureADTokenExchange" });
    expect(payload).toMatchObject({
      sub: "repo:contoso@77/flooperapp@1001:environment:release",
      repository: "contoso/flooperapp",
      repository_id: "1001",
      repository_owner: "contoso",
      repository_owner_id: "77",
      ref: "refs/tags/v1.2.0",
      ref_type: "tag",
      environment: "release",
      event_name: "push",
      job_workflow_ref: "contoso/flooperapp/.github/workflows/release.yml@refs/tags/v1.2.0",
      run_id: "1",
      run_attempt: "1",
    });
    expect(payload.exp! - payload.iat!).toBe(300);
  });

  it("names the repository's owner when no audience was asked for", async () => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } =
      identities.github.startJob(releaseJob);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    const { value } = (await answer.json()) as { value: string };
    expect(decodeJwt(value).aud).toBe("https://github.com/contoso");
  });

  it("gives nothing to anybody else", async () => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url } = identities.github.startJob(releaseJob);
    const answer = await fetch(url, { headers: { authorization: "Bearer guessed" } });
    expect(answer.status).toBe(401);
  });
});

describe("subjectOf", () => {
  it.each([
    [{}, "repo:contoso@77/flooperapp@1001:environment:release"],
    [{ subjectFormat: "classic" as const }, "repo:contoso/flooperapp:environment:release"],
  ])("writes the subject of a job with %j as %s", (changes, expected) => {
    expect(subjectOf({ ...releaseJob, ...changes })).toBe(expected);
  });

  it.each([
    ["push", "repo:contoso@77/flooperapp@1001:ref:refs/tags/v1.2.0"],
    ["pull_request", "repo:contoso@77/flooperapp@1001:pull_request"],
  ])("writes the subject of a %s without environment as %s", (eventName, expected) => {
    const { environment: _none, ...job } = releaseJob;
    expect(subjectOf({ ...job, eventName })).toBe(expected);
  });
});

/** In a process of its own, because the toolkit writes commands for the runner to its output. */
async function tokenByToolkit(audience: string): Promise<string> {
  const script = `import { getIDToken } from "@actions/core"; console.log(await getIDToken("${audience}"));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    env: {
      ...process.env,
      ...trustEnvironment(identities.certificates),
      ...identities.github.startJob(releaseJob),
    },
  });
  return stdout.trim().split("\n").at(-1) ?? "";
}
