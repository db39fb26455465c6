import {
  AzureRefusal,
  hasAzureCode,
  passesByItself,
  problemOfAzureError,
} from "../../action/azure-refusal.ts";
import { Problem } from "../../core/problem.ts";

function storageError(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Error {
  return Object.assign(new Error(`said Azure\nRequestId:1`), {
    statusCode: status,
    code: "RestError",
    details: { errorCode: code },
    response: { headers: new Map(Object.entries(headers)) },
  });
}

describe("problemOfAzureError", () => {
  it("tells the firewall from the role", () => {
    const context = { account: "acct", doing: "write" } as const;

    expect(problemOfAzureError(storageError(403, "AuthorizationFailure"), "storage", context).code).toBe(
      "storage-firewall",
    );
    expect(
      problemOfAzureError(storageError(403, "AuthorizationPermissionMismatch"), "storage", context).code,
    ).toBe("storage-role");
  });

  it("keeps the request's id and how long Azure asks to wait", () => {
    const error = storageError(503, "ServerBusy", { "x-ms-request-id": "r-1", "retry-after": "7" });
    const problem = problemOfAzureError(error, "storage", {});

    expect(problem.message).toMatch(/\[ServerBusy, request r-1\]/);
    expect(problem).toMatchObject({ kind: "transient", retryAfterSeconds: 7 });
  });

  it.each(["ECONNRESET", "EAI_AGAIN", "AbortError"])("takes %s for something that passes", (code) => {
    const error = Object.assign(new Error("no answer"), code === "AbortError" ? { name: code } : { code });

    expect(passesByItself(problemOfAzureError(error, "storage", {}))).toBe(true);
  });

  it("finds Entra's code in whatever wraps it", () => {
    const error = new Error(
      "invalid_client: Error(s): 700213 - AADSTS700213: No matching federated identity record found",
    );

    expect(problemOfAzureError(error, "entra", { clientId: "c1" })).toMatchObject({
      code: "no-federated-credential",
      message: expect.stringMatching(/AADSTS700213/),
      nextStep: expect.stringMatching(/c1/),
    });
  });

  it("finds a problem that an SDK has wrapped", () => {
    const problem = new Problem("missing-id-token-permission", "m", "n");
    const wrapped = new Error("outer", { cause: new Error("inner", { cause: problem }) });

    expect(problemOfAzureError(wrapped, "entra", {})).toBe(problem);
  });

  it("knows Azure's codes wherever the SDK puts them", () => {
    expect(hasAzureCode({ code: "BlobNotFound" }, "BlobNotFound")).toBe(true);
    expect(hasAzureCode(storageError(404, "BlobNotFound"), "BlobNotFound")).toBe(true);
    expect(hasAzureCode(new Error("x"), "BlobNotFound")).toBe(false);
  });

  it("does not take a final refusal for one that passes", () => {
    const problem = problemOfAzureError(storageError(403, "AuthorizationFailure"), "storage", {});

    expect(problem).toBeInstanceOf(AzureRefusal);
    expect(passesByItself(problem)).toBe(false);
  });
});
