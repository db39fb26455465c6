import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takePidFile } from "../../local/pid-file.ts";

describe("takePidFile", () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pid-file-"));
    file = join(folder, "cloud.pid");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("keeps others out while its process runs, and says which one that is", async () => {
    await writeFile(file, `${process.ppid}\n`);
    await expect(takePidFile(file, "A local Azure")).rejects.toMatchObject({
      code: "already-running",
      message: `A local Azure is running already, as process ${process.ppid}`,
    });
  });

  it.each([
    ["is gone", "4194999\n"],
    ["had the number of this one", `${process.pid}\n`],
    ["was killed before it wrote its number", ""],
  ])("takes over what a process left behind that %s", async (_how, content) => {
    await writeFile(file, content);
    const giveUp = await takePidFile(file, "A local Azure");
    await giveUp();
    expect(await readdir(folder)).toEqual([]);
  });
});
