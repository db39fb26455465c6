import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder that holds package.json. */
export const root = join(import.meta.dirname, "../..");

/** A file of the repository, as git lists it: committed, or new and not ignored. */
export type TrackedFile = { readonly path: string; readonly lines: readonly string[] };

/** All paths of the repository, with `/` between their parts. */
export function trackedPaths(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed.split("\0").filter((path) => path !== "" && existsSync(join(root, path)));
}

/** The files whose path fits the pattern, with their lines. */
export function tracked(pattern: RegExp): readonly TrackedFile[] {
  return trackedPaths()
    .filter((path) => pattern.test(path))
    .map((path) => ({ path, lines: readFileSync(join(root, path), "utf8").split("\n") }));
}
