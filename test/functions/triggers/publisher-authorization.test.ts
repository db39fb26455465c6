import { githubCallers } from "../../../functions/callers/github-tokens.ts";
import { entraCallers } from "../../../functions/callers/entra-tokens.ts";
import { identifyBy } from "../../../functions/callers/identify.ts";
import { aProfile, RUN } from "../a-world.ts";
import { jobsPublisher } from "../callers/a-github-issuer.ts";
import { anApi, type EndpointName } from "./an-api.ts";

type Api = Awaited<ReturnType<typeof anApi>>;
type Expected = "served" | 401 | 403;

const WORKFLOW = jobsPublisher.workflow;

/** Claims that differ from the publisher's job, in a workflow at the job's own ref. */
function atRef(ref: string): Record<string, unknown> {
  return { ref, workflow_ref: `${WORKFLOW}@${ref}`, job_workflow_ref: `${WORKFLOW}@${ref}` };
}

// Jobs whose tokens are good, but which are not what the publisher is.
const strangers: Readonly<Record<string, Record<string, unknown>>> = {
  "another repository": { repository: "contoso/other", repository_id: "1002" },
  "the repository made again": { repository_id: "1003" },
  "a fork": { repository: "mallory/flooper", repository_id: "2002", repository_owner_id: "88" },
  "another owner": { repository_owner_id: "78" },
  "another workflow": {
    workflow_ref: `${WORKFLOW.replace("release", "test")}@refs/tags/v1.2.0`,
    job_workflow_ref: `${WORKFLOW.replace("release", "test")}@refs/tags/v1.2.0`,
  },
  "a workflow of another branch": { workflow_ref: `${WORKFLOW}@refs/heads/evil` },
  "a reusable workflow of somebody's": {
    job_workflow_ref: "mallory/x/.github/workflows/y.yml@refs/heads/main",
  },
  "another environment": { environment: "staging" },
  "no environment": { environment: undefined },
  "the tag of another version": atRef("refs/tags/v1.2.1"),
  "a branch": atRef("refs/heads/main"),
  "a pull request": { ...atRef("refs/pull/7/merge"), event_name: "pull_request" },
  "a comment": { event_name: "issue_comment" },
};

const jobs: Readonly<
  Record<string, { readonly isPublisher: boolean; readonly token: (api: Api) => string }>
> = {
  "the publisher": { isPublisher: true, token: ({ github }) => github.token() },
  ...Object.fromEntries(
    Object.entries(strangers).map(([name, claims]) => [
      name,
      { isPublisher: false, token: ({ github }: Api) => github.token(claims) },
    ]),
  ),
};

const badTokens: Readonly<Record<string, (api: Api) => string>> = {
  "an expired token": ({ github }) => github.token({ exp: 1 }),
  "a token for Azure": ({ github }) => github.token({ aud: "api://AzureADTokenExchange" }),
  "a token for GitHub's own audience": ({ github }) => github.token({ aud: "https://github.com/contoso" }),
  "a token of another key": ({ github }) => github.signed({}, undefined, github.foreignKey),
  "an unsigned token": ({ github }) => github.unsigned("none"),
};

const applications: Readonly<Record<string, Record<string, unknown> | undefined>> = {
  "published-app": { publishers: [jobsPublisher] },
  "expanding-app": { publishers: [{ ...jobsPublisher, mayExpand: true }] },
  "others-app": { publishers: [{ ...jobsPublisher, repositoryId: "5005" }] },
  "callers-app": { callers: ["44444444-4444-4444-8444-444444444444"] },
  "empty-app": { publishers: [] },
  "plain-app": {},
  "profileless-app": undefined,
};

// What a publisher gets where it is let in; it has opened nothing yet.
const SERVED: Readonly<Record<EndpointName, number | undefined>> = {
  ...{ read: 200, expand: 202, open: 201, see: 404, send: 404, commitFile: 404, commit: 404 },
  ...{ promote: undefined, withdraw: undefined, halt: undefined, retry: undefined },
  ...{ lookAt: undefined, approve: undefined },
};

const bodies: Partial<Record<EndpointName, unknown>> = {
  expand: { targetRegions: ["japaneast"] },
  open: { files: [{ file: "app.tar.gz", size: 3 }] },
  approve: { manifestSha256: "a".repeat(64) },
};

function expectedOf(isPublisher: boolean, endpoint: EndpointName, application: string): Expected {
  if (!isPublisher || SERVED[endpoint] === undefined) return 403;
  if (endpoint === "expand") return application === "expanding-app" ? "served" : 403;
  return ["published-app", "expanding-app"].includes(application) ? "served" : 403;
}

async function anApiWithApplications(): Promise<Api> {
  let minutes = 0;
  const api = await anApi({ now: () => (minutes += 1) * 60_000 });
  for (const [application, rules] of Object.entries(applications)) {
    api.seedVersion(application, "1.2.0");
    api.report("published", RUN, { application });
    if (rules) api.world.packages.profiles.set(application, aProfile(rules));
  }
  return api;
}

function ask(api: Api, operation: EndpointName, application: string, token: string) {
  const inPath = operation !== "read" && operation !== "open";
  return api.ask({
    ...{ operation, application, authorization: `Bearer ${token}`, headers: { "idempotency-key": "one" } },
    ...(inPath && { submission: `api-${"0".repeat(32)}` }),
    ...(operation in bodies && { body: bodies[operation] }),
  });
}

const endpoints = Object.keys(SERVED) as EndpointName[];

describe("the endpoints' decisions on jobs of GitHub's", () => {
  it("are right for every job, endpoint and application", async () => {
    const api = await anApiWithApplications();
    const wrong: string[] = [];
    for (const [name, job] of Object.entries(jobs)) {
      for (const endpoint of endpoints) {
        for (const application of Object.keys(applications)) {
          const before = api.world.reports.blobs.size;
          const { status } = await ask(api, endpoint, application, job.token(api));
          const expected = expectedOf(job.isPublisher, endpoint, application);
          const hasWritten = api.world.reports.blobs.size > before;
          if (status !== (expected === "served" ? SERVED[endpoint] : expected)) {
            wrong.push(`${name}, ${endpoint}, ${application}: ${status}, expected ${expected}`);
          }
          if (expected !== "served" && hasWritten) wrong.push(`${name}, ${endpoint}, ${application}: wrote`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(api.stories.log).toEqual([expect.stringContaining("updateVersion")]);
  });

  it("are 401 for every bad token, endpoint and application", async () => {
    const api = await anApiWithApplications();
    const before = api.world.reports.blobs.size;
    const wrong: string[] = [];
    for (const [name, token] of Object.entries(badTokens)) {
      for (const endpoint of endpoints) {
        for (const application of Object.keys(applications)) {
          const { status } = await ask(api, endpoint, application, token(api));
          if (status !== 401) wrong.push(`${name}, ${endpoint}, ${application}: ${status}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(api.world.reports.blobs.size).toBe(before);
  });

  it("tell a stranger no more of an application that is there than of one that is not", async () => {
    const api = await anApiWithApplications();
    const token = api.github.token(strangers["a fork"]);
    const there = await ask(api, "open", "published-app", token);
    const absent = await ask(api, "open", "no-such-app", token);
    const told = (body: object, name: string) => JSON.stringify(body).replaceAll(name, "NAME");
    expect(told(there.body, "published-app")).toBe(told(absent.body, "no-such-app"));
    expect(there.body.detail).toContain('repository id "2002"');
  });

  it.each(["repositoryId", "ownerId", "workflow", "environment and ref", "publishers"])(
    "are closed when the profile lacks %s",
    async (key) => {
      const api = await anApiWithApplications();
      const { environment, ref, ...rest } = jobsPublisher;
      const whole = { ...rest, environment, ref };
      const publisher =
        key === "environment and ref"
          ? rest
          : Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key));
      const rules = key === "publishers" ? {} : { publishers: [publisher] };
      api.world.packages.profiles.set("published-app", aProfile(rules));
      const { status } = await ask(api, "open", "published-app", api.github.token());
      expect([403, 409]).toContain(status);
      expect(api.world.packages.dropped.size).toBe(0);
    },
  );

  it("are closed when nobody's tokens are configured", async () => {
    const closed = identifyBy(entraCallers(undefined), githubCallers(undefined));
    const api = await anApi({ identify: closed });
    api.world.packages.profiles.set("published-app", aProfile({ publishers: [jobsPublisher] }));
    for (const endpoint of endpoints) {
      expect((await ask(api, endpoint, "published-app", api.github.token())).status).toBe(401);
    }
  });
});
