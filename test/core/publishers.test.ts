import { parseProfile } from "../../core/profile.ts";
import { refOfRelease } from "../../core/publishers.ts";
import { problemOf } from "./samples.ts";

const publisher = {
  repositoryId: "1001",
  ownerId: "77",
  workflow: "contoso/flooper/.github/workflows/release.yml",
  ref: "refs/tags/v{version}",
};
const parse = (fields: object) =>
  parseProfile(JSON.stringify({ schema: 1, supportedOSType: "Linux", ...fields }), "flooperapp");
const parsePublisher = (fields: object) =>
  parse({ publishers: [{ ...publisher, ...fields }] }).publishers?.[0];

describe("the publishers of a profile", () => {
  it("need little more than the repository and the workflow", () => {
    expect(parsePublisher({})).toEqual({
      ...publisher,
      issuer: "https://token.actions.githubusercontent.com",
      claim: "workflow_ref",
      eventNames: ["release", "push", "workflow_dispatch"],
      runner: "github-hosted",
      instance: "public-good",
      mayExpand: false,
    });
  });

  it("may give ids as numbers, which are kept as GitHub's tokens spell them", () => {
    expect(parsePublisher({ repositoryId: 1001, ownerId: 77 })).toMatchObject({
      repositoryId: "1001",
      ownerId: "77",
    });
  });

  it.each<[object, string]>([
    [{ repositoryId: "contoso/flooper" }, "is no numeric id"],
    [{ repositoryId: "0" }, "is no numeric id"],
    [{ repositoryId: "01001" }, "is no numeric id"],
    [{ repositoryId: "1001 " }, "is no numeric id"],
    [{ ownerId: -77 }, "is no numeric id"],
    [{ ownerId: 7.5 }, "is no numeric id"],
    [{ workflow: "release.yml" }, "is no path such as"],
    [{ workflow: "contoso/flooper/.github/workflows/release.yml@refs/tags/v1" }, "is no path such as"],
    [{ workflow: "contoso/flooper/.github/workflows/*.yml" }, "is no path such as"],
    [{ workflow: "contoso/*/.github/workflows/release.yml" }, "is no path such as"],
    [{ workflow: "https://github.com/contoso/flooper/.github/workflows/release.yml" }, "is no path such as"],
    [{ workflow: "contoso/flooper/.github/workflows/../release.yml" }, "is no path such as"],
    [{ ref: "refs/heads/main" }, "is no tag with the version"],
    [{ ref: "refs/tags/v*" }, "is no tag with the version"],
    [{ ref: "refs/tags/v{version}*" }, "is no tag with the version"],
    [{ ref: "refs/tags/v{version}-{version}" }, "is no tag with the version"],
    [{ ref: "v{version}" }, "is no tag with the version"],
    [{ ref: undefined }, "one of them is needed"],
    [{ eventNames: ["pull_request"] }, "eventNames"],
    [{ eventNames: ["pull_request_target"] }, "eventNames"],
    [{ eventNames: [] }, "eventNames"],
    [{ claim: "sub" }, "claim"],
    [{ claim: "job_workflow_ref" }, "workflowRef is missing"],
    [{ workflowRef: "refs/tags/v1" }, "says nothing without the claim job_workflow_ref"],
    [{ claim: "job_workflow_ref", workflowRef: "v1" }, "workflowRef is no refs/heads"],
    [{ claim: "job_workflow_ref", workflowRef: "refs/heads/*" }, "workflowRef is no refs/heads"],
    [{ repository: "contoso/flooper" }, "is no known field"],
  ])("are refused with %j", (fields, fault) => {
    expect(problemOf(() => parsePublisher(fields)).message).toContain(fault);
  });

  it("may name an environment in place of a tag", () => {
    expect(parsePublisher({ ref: undefined, environment: "production" })).not.toHaveProperty("ref");
  });

  it.each(["warn", "require"])("need a tag among them where provenance is %s", (provenance) => {
    const withoutTag = { ...publisher, ref: undefined, environment: "production" };
    expect(problemOf(() => parse({ provenance })).message).toContain("needs a publisher with a ref");
    expect(problemOf(() => parse({ provenance, publishers: [withoutTag] })).message).toContain(
      "needs a publisher",
    );
    expect(parse({ provenance, publishers: [withoutTag, publisher] })).toMatchObject({ provenance });
  });
});

describe("refOfRelease", () => {
  it.each([
    ["refs/tags/v{version}", "1.2.0", "refs/tags/v1.2.0"],
    ["refs/tags/agent/{version}-linux", "10.0.3", "refs/tags/agent/10.0.3-linux"],
  ])("puts the version into %s", (ref, version, expected) => {
    const read = parsePublisher({ ref });
    if (!read) throw new Error("no publisher");
    expect(refOfRelease(read, { version })).toBe(expected);
  });
});
