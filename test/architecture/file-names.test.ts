import { basename } from "node:path";
import { trackedPaths } from "./tracked-files.ts";

const sources = trackedPaths().filter((path) => /\.[cm]?[jt]s$/.test(path));

describe("file names", () => {
  it("are kebab-case", () => {
    const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

    expect(sources.filter((path) => !path.split("/").every((part) => kebabCase.test(part)))).toEqual([]);
  });

  it("say what a file holds", () => {
    const vague = /^(common|helpers?|index|misc|types?|util|utils)\./;

    expect(sources.filter((path) => vague.test(basename(path)))).toEqual([]);
  });
});
