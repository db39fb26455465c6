import { answerOf, asking, isRefusal } from "../../../functions/azure/answers.ts";
import { AzureRefusal } from "../../../functions/ports.ts";

function anError(name: string, message: string, fields: object = {}): Error {
  return Object.assign(new Error(message), { name }, fields);
}

function headers(values: Record<string, string>) {
  return { response: { headers: { get: (name: string) => values[name] } } };
}

describe("answerOf", () => {
  it.each([
    [
      "an answer of storage's",
      anError("RestError", "No.\nRequestId:1\nTime:2", {
        statusCode: 403,
        code: "x",
        ...headers({ "x-ms-error-code": "AuthorizationFailure", "x-ms-request-id": "r1" }),
      }),
      { service: "storage", status: 403, code: "AuthorizationFailure", message: "No.", requestId: "r1" },
    ],
    [
      "throttling",
      anError("RestError", "Slow down.", {
        statusCode: 429,
        code: "Busy",
        ...headers({ "retry-after": "17" }),
      }),
      { service: "storage", status: 429, code: "Busy", message: "Slow down.", retryAfterSeconds: 17 },
    ],
    [
      "no answer",
      anError("RestError", "getaddrinfo", { code: "ENOTFOUND" }),
      { service: "storage", status: 0, code: "ENOTFOUND", message: "getaddrinfo" },
    ],
    [
      "an answer that took too long",
      anError("AbortError", "The operation was aborted."),
      { service: "storage", status: 0, code: "Timeout", message: "The operation was aborted." },
    ],
    [
      "a refusal of Entra's",
      anError("AuthenticationError", "AADSTS700016: no such application", { statusCode: 400 }),
      { service: "entra", status: 400, code: "AADSTS700016", message: "AADSTS700016: no such application" },
    ],
    [
      "no identity at hand",
      anError("CredentialUnavailableError", "no endpoint"),
      { service: "entra", status: 0, code: "CredentialUnavailableError", message: "no endpoint" },
    ],
  ])("understands %s", (_, error, expected) => {
    expect(answerOf("storage", error)).toEqual(expected);
  });

  it.each([new TypeError("a bug"), "text", undefined])(
    "takes no fault of ours for an answer: %s",
    (error) => {
      expect(answerOf("storage", error)).toBeUndefined();
    },
  );
});

describe("asking", () => {
  it("throws a refusal with what it was doing", async () => {
    const error = anError("RestError", "No.", { statusCode: 404, code: "BlobNotFound" });
    const asked = asking("storage", () => Promise.reject(error), { container: "incoming" });

    await expect(asked).rejects.toMatchObject({
      name: "AzureRefusal",
      context: { container: "incoming" },
      cause: error,
    });
  });

  it("throws a fault of ours as it is", async () => {
    const bug = new TypeError("a bug");

    await expect(asking("storage", () => Promise.reject(bug))).rejects.toBe(bug);
  });
});

describe("isRefusal", () => {
  const refusal = new AzureRefusal({
    service: "storage",
    status: 409,
    code: "BlobAlreadyExists",
    message: "",
  });

  it.each([
    [refusal, 409, [], true],
    [refusal, 409, ["BlobAlreadyExists"], true],
    [refusal, 409, ["Other"], false],
    [refusal, 412, [], false],
    [new Error("409"), 409, [], false],
  ])("of %s with %d %j is %s", (error, status, codes, expected) => {
    expect(isRefusal(error, status, ...codes)).toBe(expected);
  });
});
