import fc from "fast-check";
import { outcomes } from "../../core/outcome.ts";
import * as reports from "../../core/report.ts";
import { aRegion, aReport, problemOf } from "./samples.ts";

const start = "2030-01-01T00:00:00Z";
const after = (seconds: number) => new Date(Date.parse(start) + seconds * 1000).toISOString();
const aReason = { code: "storage-role", message: "the identity may not write", nextStep: "Assign the role." };
const nasty = fc.string({
  unit: fc.constantFrom("a", "|", "<", "](", "`", "\n", "\r", "\u2028", "*", "::", "#"),
});

const text = fc.oneof(fc.string(), nasty);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const anyReport: fc.Arbitrary<reports.Report> = fc.record({
  schema: fc.constant(1 as const),
  application: text,
  version: text,
  submission: text,
  outcome: fc.constantFrom(...outcomes),
  versionId: orNull(text),
  blobUrl: orNull(text),
  sha256: orNull(text),
  size: orNull(fc.nat()),
  regions: fc.array(
    fc.record({
      name: text,
      state: fc.constantFrom(
        "Unknown" as const,
        "Replicating" as const,
        "Completed" as const,
        "Failed" as const,
      ),
      progress: fc.nat(100),
      seconds: orNull(fc.nat()),
      details: orNull(text),
    }),
  ),
  steps: fc.array(fc.record({ name: text, startedAt: fc.constant(start), seconds: orNull(fc.nat()) })),
  access: orNull(
    fc.record({ state: fc.constantFrom("leased" as const, "released" as const), at: fc.constant(start) }),
  ),
  notes: fc.array(text),
  reason: orNull(fc.record({ code: text, message: text, nextStep: text })),
  startedAt: fc.constant(start),
  updatedAt: fc.constant(start),
  endedAt: orNull(fc.constant(after(60))),
});

describe("reportText", () => {
  it("is read back as it was written", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        expect(reports.parseReport(reports.reportText(report))).toEqual(report);
      }),
    );
  });

  it("keeps the digests of the content where there are any", () => {
    const report = aReport({ content: { package: "a" } });

    expect(reports.parseReport(reports.reportText(report))).toEqual(report);
  });
});

describe("parseReport", () => {
  it("does not mind what a newer pipeline adds", () => {
    expect(reports.parseReport(JSON.stringify({ ...aReport(), waves: [1] }))).toEqual(aReport());
  });

  it.each([
    "",
    "[]",
    "{}",
    JSON.stringify({ ...aReport(), schema: 2 }),
    JSON.stringify({ ...aReport(), outcome: "x" }),
  ])("says of %j that a newer reader is needed", (text) => {
    const problem = problemOf(() => reports.parseReport(text));

    expect(problem.code).toBe("bad-report");
    expect(problem.nextStep).toContain("as new as the pipeline");
  });
});

describe("withStep", () => {
  it("ends the step before it", () => {
    const report = reports.withStep(reports.withStep(aReport(), "verify", start), "replicate", after(5));

    expect(report.steps).toEqual([
      { name: "verify", startedAt: start, seconds: 5 },
      { name: "replicate", startedAt: after(5), seconds: null },
    ]);
    expect(report.updatedAt).toBe(after(5));
  });
});

describe("ended", () => {
  it("ends the last step and the report, and leaves earlier steps alone", () => {
    const steps = [
      { name: "verify", startedAt: start, seconds: 5 },
      { name: "replicate", startedAt: after(5), seconds: null },
    ];
    const report = reports.ended(aReport({ steps }), "refused", aReason, after(65));

    expect(report).toMatchObject({
      outcome: "refused",
      reason: aReason,
      endedAt: after(65),
      updatedAt: after(65),
    });
    expect(report.steps.map((step) => step.seconds)).toEqual([5, 60]);
  });
});

describe("withRegions", () => {
  const read = (report: reports.Report, seconds: number, ...regions: ReturnType<typeof aRegion>[]) =>
    reports.withRegions(report, regions, start, after(seconds));

  it("has the short names, and no seconds for regions on their way", () => {
    const report = read(aReport(), 30, aRegion("East US 2", "Replicating", 40), aRegion("westus", "Unknown"));

    expect(report.regions).toEqual([
      { name: "eastus2", state: "Replicating", progress: 40, seconds: null, details: null },
      { name: "westus", state: "Unknown", progress: 0, seconds: null, details: null },
    ]);
  });

  it("keeps the seconds with which a region was first seen at its end", () => {
    const seen = read(aReport(), 30, aRegion("eastus", "Completed"), aRegion("westus", "Failed"));
    const later = read(seen, 90, aRegion("East US", "Completed"), aRegion("westus", "Failed"));

    expect(later.regions.map((region) => region.seconds)).toEqual([30, 30]);
  });

  it("counts anew when a failed region is mended", () => {
    const failed = read(aReport(), 30, aRegion("eastus", "Failed"));
    const again = read(failed, 60, aRegion("eastus", "Replicating"));
    const mended = read(again, 90, aRegion("eastus", "Completed"));

    expect([failed, again, mended].map((report) => report.regions[0]?.seconds)).toEqual([30, null, 90]);
  });

  it("keeps Azure's reason for a failure", () => {
    const report = read(aReport(), 30, { ...aRegion("eastus", "Failed"), details: "no capacity" });

    expect(report.regions[0]?.details).toBe("no capacity");
  });
});

describe("sameRegions", () => {
  it("tells whether there is news", () => {
    const first = reports.withRegions(aReport(), [aRegion("eastus", "Replicating", 10)], start, after(10));
    const same = reports.withRegions(first, [aRegion("eastus", "Replicating", 10)], start, after(20));
    const news = reports.withRegions(first, [aRegion("eastus", "Replicating", 20)], start, after(20));

    expect(reports.sameRegions(first, same)).toBe(true);
    expect(reports.sameRegions(first, news)).toBe(false);
  });
});

describe("replacesReleaseReport", () => {
  it.each(outcomes)("never lets %s take the place of published, unless it is published itself", (outcome) => {
    const next = aReport({ outcome });

    expect(reports.replacesReleaseReport(aReport({ outcome: "published" }), next)).toBe(
      outcome === "published",
    );
    expect(reports.replacesReleaseReport(undefined, next)).toBe(true);
  });

  it.each([
    ["publishing", "refused", false],
    ["publishing", "waiting", false],
    ["publishing", "failed", true],
    ["partly-published", "incomplete", false],
    ["failed", "publishing", true],
    ["refused", "waiting", true],
    ["partly-published", "published", true],
  ] as const)("decides for %s and another submission's %s: %s", (present, outcome, expected) => {
    const next = aReport({ outcome, submission: "run-2-1-00000000" });

    expect(reports.replacesReleaseReport(aReport({ outcome: present }), next)).toBe(expected);
  });

  it("lets a submission's own later report take the place of its earlier one", () => {
    expect(
      reports.replacesReleaseReport(aReport({ outcome: "publishing" }), aReport({ outcome: "refused" })),
    ).toBe(true);
  });
});

describe("reportLine", () => {
  const regions = [
    { name: "eastus", state: "Completed" as const, progress: 100, seconds: 30, details: null },
    { name: "westus", state: "Replicating" as const, progress: 40, seconds: null, details: null },
  ];

  it.each([
    [{}, "flooperapp 1.2.0: waiting"],
    [{ outcome: "publishing" as const }, "flooperapp 1.2.0: publishing"],
    [{ outcome: "publishing" as const, regions }, "flooperapp 1.2.0: publishing, 1 of 2 regions"],
    [
      { outcome: "published" as const, regions: regions.slice(0, 1), endedAt: after(252) },
      "flooperapp 1.2.0: published in 1 region, 4 min 12 s",
    ],
    [
      { outcome: "published" as const, regions: [regions[0]!, regions[0]!], endedAt: after(252) },
      "flooperapp 1.2.0: published in 2 regions, 4 min 12 s",
    ],
    [
      { outcome: "refused" as const, reason: aReason, endedAt: after(9) },
      "flooperapp 1.2.0: refused: the identity may not write",
    ],
    [{ outcome: "timed-out" as const, endedAt: after(3600) }, "flooperapp 1.2.0: timed-out, 1 h"],
  ])("says %j as %s", (over, line) => {
    expect(reports.reportLine(aReport(over))).toBe(line);
  });

  it("is one line, whatever Azure's reason is", () => {
    const reason = { ...aReason, message: "a\n::error::b\r\nc\u2028d" };

    expect(reports.reportLine(aReport({ outcome: "failed", reason }))).toBe(
      "flooperapp 1.2.0: failed: a ::error::b c d",
    );
  });
});

describe("reportMarkdown", () => {
  it("has outcome, reason with next step, regions, facts and notes", () => {
    const report = aReport({
      outcome: "partly-published",
      reason: aReason,
      regions: [
        { name: "eastus", state: "Completed", progress: 100, seconds: 65, details: null },
        { name: "westus", state: "Failed", progress: 40, seconds: null, details: "no | capacity" },
      ],
      sha256: "abc",
      notes: ["The home region was added."],
    });

    expect(reports.reportMarkdown(report)).toBe(
      [
        "### ❌ flooperapp 1.2.0: partly-published",
        "the identity may not write",
        "**Next step:** Assign the role.",
        [
          "| Region | State | Progress | Time | Detail |",
          "| --- | --- | --- | --- | --- |",
          "| eastus | Completed | 100 % | 1 min 5 s |  |",
          "| westus | Failed | 40 % |  | no \\| capacity |",
        ].join("\n"),
        "- SHA-256: <code>abc</code>\n- Submission: <code>run-1-1-00000000</code>",
        "> The home region was added.\n",
      ].join("\n\n"),
    );
  });

  it.each([
    ["published", "✅"],
    ["publishing", "⏳"],
    ["waiting", "⏳"],
    ["halted", "❌"],
  ] as const)("marks %s with %s", (outcome, mark) => {
    expect(reports.reportMarkdown(aReport({ outcome }))).toContain(`### ${mark} `);
  });

  it("keeps its form whatever text is in it", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const lines = reports.reportMarkdown(report).split(/\r\n|\r|\n/);
        const rows = lines.filter((line) => line.startsWith("|"));
        expect(rows).toHaveLength(report.regions.length === 0 ? 0 : report.regions.length + 2);
        for (const row of rows) expect(row.replace(/\\./g, "").split("|")).toHaveLength(7);
        expect(lines.filter((line) => line.startsWith("#"))).toHaveLength(1);
        expect(lines.filter((line) => line.startsWith(">"))).toHaveLength(report.notes.length);
        expect(lines.join("").replace(/<\/?code>/g, "")).not.toContain("<");
      }),
      { numRuns: 500 },
    );
  });
});
