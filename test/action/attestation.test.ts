import { bundleFor, readBundles } from "../../action/attestation.ts";
import { problemOf } from "../core/samples.ts";
import { aWorkspace } from "./workspace.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);

/** What looks like a bundle about files with these digests. */
function aBundle(...digests: string[]): string {
  const statement = { subject: digests.map((sha256) => ({ digest: { sha256 } })) };
  return JSON.stringify({
    dsseEnvelope: { payload: Buffer.from(JSON.stringify(statement)).toString("base64") },
  });
}

function read(content: string, sha256 = A): string {
  return bundleFor(readBundles("a.json", aWorkspace({ "a.json": content })), sha256);
}

describe("the input attestation", () => {
  it.each<[string, string, string]>([
    ["one bundle", aBundle(A), aBundle(A)],
    ["one bundle with a line break", `${aBundle(A)}\n`, `${aBundle(A)}\n`],
    [
      "a bundle over several lines",
      JSON.stringify(JSON.parse(aBundle(A)), null, 2),
      JSON.stringify(JSON.parse(aBundle(A)), null, 2),
    ],
    ["a bundle about several files", aBundle(B, A), aBundle(B, A)],
    ["one bundle a line", `${aBundle(B)}\n${aBundle(A)}\n`, aBundle(A)],
  ])("takes %s", (_, content, expected) => {
    expect(read(content)).toBe(expected);
  });

  it.each<[string, string, string]>([
    ["nothing", "", "is no Sigstore bundle"],
    ["no JSON", "hello", "is no Sigstore bundle"],
    ["a bundle of another file", aBundle(B), `is not about the package, whose SHA-256 is ${A}`],
    ["JSON of another kind", "[1]", "is not about the package"],
    ["two bundles about the package", `${aBundle(A)}\n${aBundle(A, B)}`, "has 2 bundles about the package"],
    [
      "more than the pipeline reads",
      aBundle(A, ...Array.from({ length: 1000 }, () => B)),
      "reads at most 65536",
    ],
  ])("refuses %s before the manifest is written", (_, content, told) => {
    expect(problemOf(() => read(content))).toMatchObject({
      code: "bad-attestation",
      message: expect.stringContaining(told),
    });
  });

  it("says which file is not there", () => {
    expect(problemOf(() => readBundles("none.json", aWorkspace({}))).message).toContain(
      'attestation "none.json"',
    );
  });
});
