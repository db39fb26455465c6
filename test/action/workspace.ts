import { mkdirSync, mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const made: string[] = [];

/** A folder of its own with these files: a text, or a number for a sparse file of that many bytes. */
export function aWorkspace(files: Readonly<Record<string, string | number>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "workspace-")));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : "");
    if (typeof content === "number") truncateSync(path, content);
  }
  return folder;
}

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});
