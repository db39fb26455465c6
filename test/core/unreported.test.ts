import { listedSubmissions } from "../../core/unreported.ts";

function aBlob(path: string, minute = 0) {
  const writtenAt = `2026-01-05T10:${String(minute).padStart(2, "0")}:00.000Z`;
  return { path, etag: `"${path}"`, size: 1, writtenAt };
}

describe("listedSubmissions", () => {
  it("finds a committed folder, when it was completed, and its report", () => {
    const folder = "flooperapp/1.2.0/run-1-1-0a1b2c3d";
    const report = aBlob(`${folder}.json`, 9);

    expect(
      listedSubmissions([aBlob(`${folder}/manifest.json`, 5), aBlob(`${folder}/app.tar.gz`, 4)], [report]),
    ).toMatchObject([
      {
        drop: { application: "flooperapp", version: "1.2.0", folder: "run-1-1-0a1b2c3d" },
        submission: { submission: "run-1-1-0a1b2c3d" },
        arrivedAt: "2026-01-05T10:05:00.000Z",
        report,
      },
    ]);
  });

  it("takes files dropped by hand for one submission, named after what they are", () => {
    const [first] = listedSubmissions([aBlob("flooperapp/1.2.0/app.tar.gz")], []);
    const [second] = listedSubmissions(
      [aBlob("flooperapp/1.2.0/app.tar.gz"), aBlob("flooperapp/1.2.0/b")],
      [],
    );

    expect(first?.submission.submission).toMatch(/^drop-[0-9a-f]{32}$/);
    expect(second?.submission.submission).not.toBe(first?.submission.submission);
  });

  it.each([
    "flooperapp/1.2.0/run-1-1-0a1b2c3d/app.tar.gz",
    "flooperapp/app.tar.gz",
    "a/b/c/d/e",
    "..",
    "x/../y",
  ])("finds nothing in %s", (path) => {
    expect(listedSubmissions([aBlob(path)], [])).toEqual([]);
  });
});
