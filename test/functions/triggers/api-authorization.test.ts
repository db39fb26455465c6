import { appRoles } from "../../../core/permission.ts";
import { aProfile, RUN } from "../a-world.ts";
import { OTHER_TENANT } from "../callers/an-issuer.ts";
import { anApi, type ApiAsk, type EndpointName } from "./an-api.ts";

type Api = Awaited<ReturnType<typeof anApi>>;

const NAMED = "44444444-4444-4444-8444-444444444444";
const STRANGER = "55555555-5555-4555-8555-555555555555";

// Who may do what, written down apart from the code.
const MAY: Record<EndpointName, readonly string[]> = {
  read: [
    "Releases.Read",
    "Releases.Submit",
    "Releases.Promote",
    "Releases.Halt",
    "Regions.Expand",
    "Releases.Approve",
  ],
  expand: ["Regions.Expand"],
  promote: ["Releases.Promote"],
  withdraw: ["Releases.Promote"],
  halt: ["Releases.Halt"],
  retry: ["Releases.Submit"],
  open: ["Releases.Submit"],
  see: ["Releases.Submit"],
  send: ["Releases.Submit"],
  commitFile: ["Releases.Submit"],
  commit: ["Releases.Submit"],
  lookAt: ["Releases.Approve"],
  approve: ["Releases.Approve"],
};

interface Principal {
  readonly name: string;
  readonly isKnown: boolean;
  readonly roles: readonly string[];
  readonly objectId: string;
  readonly clientId?: string;
  readonly authorization: (api: Api) => string | null;
}

function principal(name: string, roles: readonly string[], objectId = NAMED, clientId = STRANGER): Principal {
  const authorization = (api: Api): string =>
    `Bearer ${api.issuer.token({ roles: [...roles], oid: objectId, azp: clientId })}`;
  return { name, isKnown: true, roles, objectId, clientId, authorization };
}

const nobody = { isKnown: false, roles: [], objectId: "" };

const principals: readonly Principal[] = [
  ...appRoles.map((role) => principal(`a caller with ${role}`, [role])),
  ...appRoles.map((role) => principal(`a stranger with ${role}`, [role], STRANGER)),
  principal("a caller with all roles", appRoles),
  principal("a stranger with all roles", appRoles, STRANGER),
  principal("an application that is named, acting for a stranger", appRoles, STRANGER, NAMED),
  principal("a caller without roles", []),
  principal("a caller with roles in other letters", ["regions.expand", "RELEASES.READ", "Releases.*", "*"]),
  principal("a caller with another application's roles", ["Releases.Delete", "Owner", "admin"]),
  { ...nobody, name: "nobody", authorization: () => null },
  {
    ...nobody,
    name: "a caller of another tenant",
    authorization: ({ issuer }) => `Bearer ${issuer.token({ roles: appRoles, tid: OTHER_TENANT })}`,
  },
  {
    ...nobody,
    name: "a forger",
    authorization: ({ issuer }) => `Bearer ${issuer.signed({}, undefined, issuer.foreignKey)}`,
  },
];

// Which callers an application's profile names; no profile names nobody.
const applications: Readonly<Record<string, readonly string[] | undefined | "no profile">> = {
  "open-app": undefined,
  "limited-app": [NAMED],
  "closed-app": ["66666666-6666-4666-8666-666666666666"],
  "profileless-app": "no profile",
};

function expectedOf(
  who: Principal,
  operation: EndpointName,
  application: string,
): "served" | 401 | 403 | 404 {
  if (!who.isKnown) return 401;
  if (!who.roles.some((role) => MAY[operation].includes(role))) return 403;
  const named = applications[application];
  // Nobody is named who might submit, so nobody may.
  if (!Array.isArray(named)) return isSubmission(operation) ? 403 : "served";
  return named.includes(who.objectId) || named.includes(who.clientId ?? "") ? "served" : 404;
}

function isSubmission(operation: EndpointName): boolean {
  return ["open", "see", "send", "commitFile", "commit"].includes(operation);
}

// What whoever is let in gets: nothing runs that could be halted, and none of them has opened a submission.
const SERVED: Partial<Record<EndpointName, number>> = {
  ...{ read: 200, halt: 409, open: 201, see: 404, send: 404, commitFile: 404, commit: 404 },
  // What was published waits for nobody.
  ...{ lookAt: 409, approve: 409 },
};

async function anApiWithApplications(): Promise<Api> {
  let minutes = 0;
  // Each request in a minute of its own, so that nobody's are used up.
  const api = await anApi({ now: () => (minutes += 1) * 60_000 });
  for (const [application, callers] of Object.entries(applications)) {
    api.seedVersion(application, "1.2.0");
    api.report("published", RUN, { application });
    if (callers === "no profile") continue;
    api.world.packages.profiles.set(application, aProfile(callers && { callers }));
  }
  return api;
}

const bodies: Partial<Record<EndpointName, unknown>> = {
  expand: { targetRegions: ["japaneast"] },
  promote: {},
  withdraw: {},
  approve: { manifestSha256: "a".repeat(64) },
  open: { files: [{ file: "app.tar.gz", size: 3 }] },
};

describe("the endpoints' decisions", () => {
  it("are right for every principal, operation and application", async () => {
    const api = await anApiWithApplications();
    const wrong: string[] = [];
    let cells = 0;
    for (const who of principals) {
      for (const operation of Object.keys(MAY) as EndpointName[]) {
        for (const application of Object.keys(applications)) {
          cells += 1;
          const before = api.stories.log.length;
          const answer = await api.ask({
            ...{ operation, application, authorization: who.authorization(api) },
            ...(operation in bodies && { body: bodies[operation] }),
            ...(operation !== "read" && { submission: isSubmission(operation) ? "api-0" : RUN }),
            headers: { "idempotency-key": "one" },
          });
          const expected = expectedOf(who, operation, application);
          const hasStarted = api.stories.log.length > before;
          const served = SERVED[operation] ?? 202;
          if (
            !isAsExpected(answer, expected === "served" ? served : expected) ||
            (expected !== "served" && hasStarted)
          ) {
            wrong.push(`${who.name}, ${operation}, ${application}: ${answer.status}, expected ${expected}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(cells).toBe(principals.length * 13 * 4);
  });

  it("tell no difference between what is not there and what is not the caller's", async () => {
    const api = await anApiWithApplications();
    const authorization = principals
      .find(({ name }) => name === "a stranger with all roles")!
      .authorization(api);
    const hidden = await api.ask({ operation: "read", application: "limited-app", authorization });
    const absent = await api.ask({ operation: "read", application: "no-such-app", authorization });
    const told = (body: object, name: string) => JSON.stringify(body).replaceAll(name, "NAME");
    expect(hidden.status).toBe(404);
    expect(told(hidden.body, "limited-app")).toBe(told(absent.body, "no-such-app"));
  });

  it("never go by headers of App Service Authentication or by keys of the host", async () => {
    const api = await anApiWithApplications();
    const claims = Buffer.from(
      JSON.stringify({ claims: [{ typ: "roles", val: "Regions.Expand" }] }),
    ).toString("base64");
    const headers = {
      "x-ms-client-principal": claims,
      "x-ms-client-principal-id": NAMED,
      "x-ms-client-principal-name": "admin",
      "x-ms-token-aad-access-token": "x",
      "x-functions-key": "x",
      "x-forwarded-for": "127.0.0.1",
    };
    const asks: ApiAsk[] = Object.keys(MAY).map((operation) => ({
      ...{ operation: operation as EndpointName, application: "open-app", authorization: null, headers },
    }));
    const answers = await Promise.all(asks.map((ask) => api.ask(ask)));
    expect(answers.map(({ status }) => status)).toEqual(asks.map(() => 401));
  });

  it("close the application when its profile cannot be read", async () => {
    const api = await anApiWithApplications();
    api.world.packages.profiles.set("open-app", '{"schema": 1, "callers": ');
    const answer = await api.ask({ operation: "read", application: "open-app" });
    expect(answer).toMatchObject({ status: 409, body: { code: "bad-json" } });
  });
});

function isAsExpected({ status, body }: { status: number; body: any }, expected: number): boolean {
  const isProblem = body.status === expected && typeof body.code === "string";
  return status === expected && isProblem === expected >= 400;
}
