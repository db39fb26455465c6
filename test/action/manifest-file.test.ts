import { parseReleaseFile } from "../../action/manifest-file.ts";
import { Problem } from "../../core/problem.ts";

function faultsOf(text: string): string[] {
  try {
    parseReleaseFile(text, "vmapp.yaml");
  } catch (error) {
    if (error instanceof Problem) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("parseReleaseFile", () => {
  it("takes an empty file as saying nothing", () => {
    expect(parseReleaseFile("# later\n", "vmapp.yaml").file).toEqual({});
  });

  it("reads commands of several lines as they are", () => {
    const { install } = parseReleaseFile("install: |\n  set -e\n  ./go\n", "vmapp.yaml").file;

    expect(install).toBe("set -e\n./go\n");
  });

  it.each([
    ["install: 'open", /^vmapp\.yaml:1:\d+: Missing closing/],
    ["install: a\n  b: c", /^vmapp\.yaml:1:\d+: /],
    ["install: a\ninstall: b", /^vmapp\.yaml:2:1: Map keys must be unique/],
    [
      "install: a\ntargetRegion: [eastus]",
      /^vmapp\.yaml:2:\d+: targetRegion is no known field \(meant: targetRegions\?\)/,
    ],
    ["install: a\nremove:\n  - b", /^vmapp\.yaml:2:1: remove .*string/],
    ["- a", /^vmapp\.yaml: the document .*object/],
    [`install: ${"x".repeat(4097)}`, /^vmapp\.yaml:1:1: install .*4096/],
    [
      "targetRegions:\n  - eastus\n  - name: a b;c",
      /^vmapp\.yaml:3:\d+: targetRegions\[1\]\.?name? is not a region/,
    ],
    ["replicaCount: 99", /^vmapp\.yaml:1:1: replicaCount .*10/],
    ["a".repeat(70_000), /vmapp\.yaml has 70000 bytes, more than the 65536 allowed/],
  ])("tells where %j is wrong", (text, fault) => {
    const [first] = faultsOf(text);

    expect(first).toMatch(fault);
  });

  it("tells all faults, each with its line", () => {
    const faults = faultsOf("instal: a\nreplicaCount: 0\nexcludeFromLatest: sure\n");

    expect(faults.map((fault) => fault.split(":")[1])).toEqual(expect.arrayContaining(["1", "2", "3"]));
  });

  it("refuses aliases that multiply without end", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 9; level++) {
      lines.push(
        `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
      );
    }

    expect(faultsOf(lines.join("\n"))[0]).toMatch(/Excessive alias count/);
  });
});
