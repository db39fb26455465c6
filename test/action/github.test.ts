import { join } from "node:path";
import { readRun } from "../../action/github.ts";
import { aWorkspace } from "./workspace.ts";

function eventFile(text: string): string {
  return join(aWorkspace({ "event.json": text }), "event.json");
}

describe("readRun", () => {
  it("knows the release's tag from the event", () => {
    const path = eventFile('{"release":{"tag_name":"v1.2.0"}}');

    expect(readRun({ GITHUB_EVENT_PATH: path, GITHUB_REF: "refs/heads/main" }).tag).toBe("v1.2.0");
  });

  it.each([
    ["refs/tags/v3.0.0", "v3.0.0"],
    ["refs/heads/v3.0.0", undefined],
    ["", undefined],
  ])("reads the ref %j", (ref, tag) => {
    expect(readRun({ GITHUB_REF: ref }).tag).toBe(tag);
  });

  it.each(["not json", "null", "[]", '{"release":null}', '{"release":{"tag_name":7}}'])(
    "is not misled by the event %s",
    (text) => {
      expect(readRun({ GITHUB_EVENT_PATH: eventFile(text) }).tag).toBeUndefined();
    },
  );

  it("takes only digits for the run's id", () => {
    const run = readRun({ GITHUB_RUN_ID: "../../x", GITHUB_RUN_ATTEMPT: "2" });

    expect([run.id, run.attempt]).toEqual(["0", "2"]);
  });

  it("claims what the run says of itself, cut to what a manifest takes", () => {
    const { claims } = readRun({
      GITHUB_REPOSITORY: "o/r",
      GITHUB_RUN_ID: "7",
      GITHUB_REF: `refs/tags/${"x".repeat(400)}`,
      GITHUB_SHA: "abc",
    });

    expect(claims).toMatchObject({
      repository: "o/r",
      commit: "abc",
      runUrl: "https://github.com/o/r/actions/runs/7",
    });
    expect(claims.ref?.length).toBe(300);
  });
});
