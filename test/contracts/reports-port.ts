/* eslint jest/no-export: "off" -- a suite that the test file of each implementation calls */
import type { Reports } from "../../functions/ports.ts";

/** What every implementation of `Reports` promises. `create` gives an empty container. */
export function itKeepsReports(create: () => Promise<Reports>): void {
  const path = "app/1.0.0/release.json";

  it("finds no report where none was written", async () => {
    expect(await (await create()).read(path)).toBeUndefined();
  });

  it("reads what it wrote", async () => {
    const reports = await create();

    expect(await reports.write(path, "{}", undefined)).toBe("written");
    expect((await reports.read(path))?.text).toBe("{}");
  });

  it("writes a new report only where none is", async () => {
    const reports = await create();
    await reports.write(path, "one", undefined);

    expect(await reports.write(path, "two", undefined)).toBe("conflict");
    expect((await reports.read(path))?.text).toBe("one");
  });

  it("replaces a report only as long as it is the one that was read", async () => {
    const reports = await create();
    await reports.write(path, "one", undefined);
    const read = await reports.read(path);

    expect(await reports.write(path, "two", read?.etag)).toBe("written");
    expect(await reports.write(path, "three", read?.etag)).toBe("conflict");
    expect((await reports.read(path))?.text).toBe("two");
  });
}
