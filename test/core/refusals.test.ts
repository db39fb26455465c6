import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type AzureAnswer, readable, refusalOf } from "../../core/refusals.ts";
import { meanings } from "../../core/refusal-table.ts";

interface ListedError {
  readonly when: string;
  readonly http: number;
  readonly code: string;
  readonly message?: string;
  readonly operation?: { readonly error: { readonly code: string; readonly message: string } };
}

const contract = JSON.parse(
  readFileSync(join(import.meta.dirname, "../contracts/arm/contract-overlay.json"), "utf8"),
) as { readonly errors: readonly ListedError[] };

const uri = "https://acct.blob.core.windows.net/packages/a/1.0.0/x";

/** The answer that the contract lists, with its placeholders filled in. */
function listed(when: string, service: AzureAnswer["service"]): AzureAnswer {
  const error = contract.errors.find((candidate) => candidate.when === when)!;
  const { code, message = "" } = error.operation?.error ?? error;
  const [firstCode = ""] = code.split(" | ");
  return { service, status: error.http, code: firstCode, message: message.replaceAll("{uri}", uri) };
}

const meaningOf: [when: string, service: AzureAnswer["service"], kind: string, as: string][] = [
  ["identity cannot read blob, no identity, firewall, bad SAS", "gallery", "access", "gallery-cannot-read"],
  ["blob absent", "gallery", "final", "package-missing"],
  ["not absolute", "gallery", "final", "gallery-refused"],
  ["DNS / unreachable", "gallery", "access", "gallery-cannot-reach"],
  ["too large", "gallery", "final", "package-unfit"],
  ["empty", "gallery", "final", "package-unfit"],
  ["append blob", "gallery", "final", "package-unfit"],
  ["home region missing", "gallery", "final", "bad-region"],
  ["duplicate region", "gallery", "final", "bad-region"],
  ["region needs feature", "gallery", "final", "bad-region"],
  ["encryption on app", "gallery", "final", "gallery-refused"],
  ["bad version name", "gallery", "final", "gallery-refused"],
  ["replicas", "gallery", "final", "bad-replica-count"],
  ["name mismatch", "gallery", "final", "gallery-refused"],
  ["immutable property changed on an existing version", "gallery", "final", "version-exists"],
  ["being deleted", "gallery", "busy", "being-deleted"],
  ["app still has versions / too soon after", "gallery", "busy", "busy"],
  ["throttled by compute", "gallery", "throttled", "throttled"],
  ["throttled by ARM", "gallery", "throttled", "throttled"],
  ["async failure", "gallery", "final", "quota"],
  ["api-version not there (sovereign lag)", "gallery", "final", "api-version"],
  ["parent absent", "gallery", "final", "gallery-not-found"],
  ["role assignment exists under other name", "access", "final", "role-assignment-exists"],
  ["role assignment name reused with other properties", "access", "final", "role-assignment-taken"],
  ["fresh identity", "access", "transient", "identity-not-found"],
  ["no right / ABAC not met", "access", "final", "may-not-assign-roles"],
  ["blob read without a role (data plane)", "storage", "final", "storage-role"],
  ["firewall (data plane)", "storage", "final", "storage-firewall"],
];

describe("refusalOf", () => {
  it.each(meaningOf)("knows what it means when Azure says: %s (%s)", (when, service, kind, as) => {
    const answer = listed(when, service);
    const refusal = refusalOf(answer);

    expect(refusal.kind).toBe(kind);
    expect(refusal.reason.code).toBe(as);
    expect(refusal.reason.message).toContain(`[${answer.code}]`);
    expect(refusal.reason.nextStep).toMatch(/\w/);
  });

  it("covers every error that the contract lists", () => {
    const known = meaningOf.map(([when]) => when);

    expect(contract.errors.map((error) => error.when).filter((when) => !known.includes(when))).toEqual([]);
  });

  it.each<[string, Omit<AzureAnswer, "message"> & { message?: string }, string, string]>([
    ["another operation", { service: "gallery", status: 409, code: "Conflict" }, "busy", "busy"],
    [
      "a failed operation that stood in the way",
      { service: "gallery", status: 200, code: "OperationNotAllowed" },
      "busy",
      "busy",
    ],
    [
      "a region that takes no more versions",
      {
        ...{ service: "gallery", status: 409, code: "OperationNotAllowed" },
        message: "The limit of 300 gallery application versions in region 'East US 2' has been reached.",
      },
      "final",
      "quota",
    ],
    ["a lock", { service: "access", status: 409, code: "ScopeLocked" }, "final", "locked"],
    ["a lock on the gallery", { service: "gallery", status: 409, code: "ScopeLocked" }, "final", "locked"],
    [
      "a policy",
      { service: "gallery", status: 403, code: "RequestDisallowedByPolicy" },
      "final",
      "blocked-by-policy",
    ],
    [
      "no right to publish",
      { service: "gallery", status: 403, code: "AuthorizationFailed" },
      "final",
      "may-not-publish",
    ],
    [
      "a fault of the gallery's",
      { service: "gallery", status: 200, code: "InternalExecutionError" },
      "transient",
      "gallery-error",
    ],
    [
      "a bad token",
      { service: "gallery", status: 401, code: "InvalidAuthenticationToken" },
      "final",
      "gallery-sign-in",
    ],
    [
      "no room",
      { service: "access", status: 400, code: "RoleAssignmentLimitExceeded" },
      "final",
      "too-many-role-assignments",
    ],
    ["an unknown account", { service: "storage", status: 0, code: "ENOTFOUND" }, "final", "unknown-account"],
    [
      "a silent resolver",
      { service: "storage", status: 0, code: "EAI_AGAIN" },
      "transient",
      "unknown-account",
    ],
    [
      "a missing container",
      { service: "storage", status: 404, code: "ContainerNotFound" },
      "final",
      "container-missing",
    ],
    [
      "another tenant",
      {
        service: "storage",
        status: 401,
        code: "InvalidAuthenticationInfo",
        message: "Issuer validation failed.",
      },
      "final",
      "wrong-tenant",
    ],
    [
      "a bad sign-in",
      { service: "storage", status: 401, code: "InvalidAuthenticationInfo" },
      "final",
      "storage-sign-in",
    ],
    [
      "a busy server",
      { service: "storage", status: 503, code: "ServerBusy" },
      "transient",
      "azure-unavailable",
    ],
    [
      "a cut connection",
      { service: "gallery", status: 0, code: "ECONNRESET" },
      "transient",
      "azure-unavailable",
    ],
    [
      "a timeout",
      { service: "access", status: 408, code: "RequestTimeout" },
      "transient",
      "azure-unavailable",
    ],
    [
      "throttled storage",
      { service: "storage", status: 429, code: "TooManyRequests", message: "quota" },
      "throttled",
      "throttled",
    ],
    [
      "no federated credential",
      { service: "entra", status: 400, code: "AADSTS700213" },
      "final",
      "no-federated-credential",
    ],
    [
      "an unknown client",
      { service: "entra", status: 400, code: "AADSTS700016" },
      "final",
      "unknown-identity",
    ],
    [
      "an expired assertion",
      { service: "entra", status: 401, code: "AADSTS700024" },
      "final",
      "assertion-expired",
    ],
    ["Entra's trouble", { service: "entra", status: 503, code: "" }, "transient", "azure-unavailable"],
    ["nothing known", { service: "storage", status: 418, code: "Teapot" }, "final", "storage-refused"],
  ])("tells %s", (_, answer, kind, as) => {
    const refusal = refusalOf({ message: "some words", ...answer });

    expect([refusal.kind, refusal.reason.code]).toEqual([kind, as]);
  });

  it("explains the famous message by its four causes, with the names that are known", () => {
    const { reason } = refusalOf(
      listed("identity cannot read blob, no identity, firewall, bad SAS", "gallery"),
      {
        galleryRole: "Storage Blob Data Contributor",
        galleryScope: "/subscriptions/s",
        galleryIdentity: "11111111",
      },
    );

    expect(reason.message).toContain("storage refused the gallery's identity 11111111");
    for (const cause of ["Storage Blob Data Contributor", "/subscriptions/s", "identity", "firewall"]) {
      expect(reason.nextStep).toContain(cause);
    }
  });

  it("gives a command that can be copied when a role is missing", () => {
    const answer = listed("blob read without a role (data plane)", "storage");
    const context = { account: "acct", container: "reports", doing: "read", clientId: "c-1" } as const;

    expect(refusalOf(answer, context).reason.message).toContain(
      'may not read in container "reports" of storage account "acct"',
    );
    expect(refusalOf(answer, context).reason.nextStep).toContain(
      '--assignee c-1 --role "VM Application Blob Reader"',
    );
    expect(refusalOf(answer, { account: "acct" }).reason.nextStep).toContain(
      '--role "VM Application Uploader"',
    );
  });

  it("quotes an unknown answer as it is, with its code and request", () => {
    const answer = {
      service: "gallery",
      status: 422,
      code: "Odd",
      message: "odd",
      requestId: "r-1",
    } as const;

    expect(refusalOf(answer).reason.message).toBe(
      "Azure refused (gallery, status 422): odd [Odd, request r-1]",
    );
  });

  it("says what there was in place of a proper answer", () => {
    const answer = { service: "storage", code: "ECONNRESET", message: "socket hang up" } as const;

    expect(refusalOf({ ...answer, status: 0 }).reason.message).toBe(
      "no proper answer from Azure: socket hang up [ECONNRESET]",
    );
    expect(refusalOf({ ...answer, status: 503 }).reason.message).toContain("Azure (status 503): socket");
  });

  it("passes on how long Azure asks to wait", () => {
    const answer = { service: "gallery", status: 429, code: "", message: "", retryAfterSeconds: 17 } as const;

    expect(refusalOf(answer).retryAfterSeconds).toBe(17);
    expect(refusalOf({ ...answer, retryAfterSeconds: undefined as never })).not.toHaveProperty(
      "retryAfterSeconds",
    );
  });

  it.each([
    [
      '{"error":{"code":"OperationNotAllowed","message":"exceeding quota"}}',
      "a quota is used up: exceeding quota [",
    ],
    ['{"message":"quota"}', "a quota is used up: quota ["],
    ['{"other":"quota"}', 'a quota is used up: {"other":"quota"} ['],
    ["{quota", "a quota is used up: {quota ["],
    ["quota\r\n  of\nlines", "a quota is used up: quota of lines ["],
  ])("makes Azure's message %j readable", (message, told) => {
    expect(refusalOf({ service: "gallery", status: 200, code: "X", message }).reason.message).toContain(told);
  });

  it("cuts an endless message", () => {
    const answer = {
      service: "gallery",
      status: 200,
      code: "X",
      message: `quota ${"x".repeat(5000)}`,
    } as const;

    expect(refusalOf(answer).reason.message).toMatch(/^.{900,1100}\.\.\. \[X\]$/);
  });

  it("leaves Entra's trace ids out", () => {
    const message = "AADSTS700213: No matching record for 'x'.\r\nTrace ID: 1\r\nTimestamp: 2";

    expect(
      refusalOf({ service: "entra", status: 400, code: "AADSTS700213", message }).reason.message,
    ).not.toContain("Trace");
  });

  it("never repeats a signature from a URL", () => {
    const message = `Source uri: '${uri}?sv=2024&sig=c2VjcmV0%3D&se=x' must be an absolute uri.`;
    const { reason } = refusalOf({ service: "gallery", status: 400, code: "InvalidParameter", message });

    expect(reason.message).toContain(`'${uri}?(signature left out)' must be`);
    expect(reason.message).not.toContain("c2VjcmV0");
  });

  it("leaves out a token that a service repeats", () => {
    const token = ["eyJ0eXAiOiJKV1QifQ", "eyJzdWIiOiJ4eXoxMjM0In0", "c2lnbmF0dXJl"].join(".");

    expect(readable(`Authorization: Bearer ${token} is refused`)).toBe(
      "Authorization: Bearer *** is refused",
    );
  });

  it("says something on one line, and what to do, whatever the answer", () => {
    const answer: fc.Arbitrary<AzureAnswer> = fc.record({
      service: fc.constantFrom("gallery", "access", "storage", "entra"),
      status: fc.oneof(
        fc.constantFrom(0, 200, 400, 401, 403, 404, 408, 409, 412, 429, 500, 503),
        fc.nat(599),
      ),
      code: fc.oneof(fc.string(), fc.constantFrom("AuthorizationFailure", "Conflict", "InvalidParameter")),
      message: fc.oneof(
        fc.string(),
        fc.json(),
        fc.constantFrom(...contract.errors.map((error) => error.message ?? "")),
      ),
    });
    fc.assert(
      fc.property(answer, (answer) => {
        const { reason } = refusalOf(answer);
        expect(reason.code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
        expect(reason.message.replace(`[${answer.code}]`, "")).toMatch(/^[^\n]*\w[^\n]*$/);
        expect(reason.nextStep).toMatch(/^[A-Z][^]*[."]$/);
      }),
      { numRuns: 1000 },
    );
  });

  it("has no row that an earlier one hides", () => {
    const seen = meanings.map(({ service, status, code, message }) =>
      [service, status, code?.source, message?.source].join(),
    );

    expect(new Set(seen).size).toBe(seen.length);
  });
});
