import { globSync, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { quoted } from "../core/application.ts";
import { packageNameFault } from "../core/file-name.ts";
import { LARGE_PACKAGE_BYTES, MAX_CONFIGURATION_BYTES, MAX_PACKAGE_BYTES } from "../core/manifest.ts";
import { Problem } from "../core/problem.ts";

/** A file of the workspace that is fit to be submitted. */
export interface PackageFile {
  /** Absolute, without symbolic links. */
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly warnings: readonly string[];
}

/** The two files that a version has. */
export type Part = "package" | "configuration";

const LIMIT_BYTES = { package: MAX_PACKAGE_BYTES, configuration: MAX_CONFIGURATION_BYTES };
const LISTED = 10;

/**
 * The one file that `pattern`, a path or a glob from the workspace, means, or a problem that says why there is none.
 * A path that exists is taken as it is, whatever characters it has.
 */
export function findFile(pattern: string, part: Part, workspace: string): PackageFile {
  const found = onlyMatch(pattern, part, workspace);
  const path = realPath(found, pattern, part, workspace);
  const stats = statSync(path);
  if (stats.isDirectory()) {
    throw problem(`${part} ${quoted(pattern)} is a directory`, `Pass one file: pack the directory first.`);
  }
  if (!stats.isFile()) throw problem(`${part} ${quoted(pattern)} is no regular file`, "Pass a regular file.");
  const name = basename(found);
  const fault = packageNameFault(name);
  if (fault) {
    throw problem(
      `${part} ${quoted(name)}: the name ${fault}`,
      "Rename the file; VMs write it under its name unless package-file-name says otherwise.",
    );
  }
  return {
    path,
    name,
    size: checkedSize(stats.size, pattern, part),
    warnings: sizeWarnings(stats.size, name),
  };
}

function onlyMatch(pattern: string, part: Part, workspace: string): string {
  const literal = resolve(workspace, pattern);
  if (lstatSync(literal, { throwIfNoEntry: false })) return literal;
  const matches = globSync(pattern, { cwd: workspace })
    .map((match) => resolve(workspace, match))
    .sort();
  const files = matches.filter((match) => !statSync(match, { throwIfNoEntry: false })?.isDirectory());
  const [first] = files.length > 0 ? files : matches;
  if (first === undefined) throw noMatch(pattern, part, workspace);
  if (files.length <= 1 && matches.length > 0 && (files.length === 1 || matches.length === 1)) return first;
  const several = files.length > 0 ? files : matches;
  throw problem(
    `${part} ${quoted(pattern)} matches ${several.length} ${files.length > 0 ? "files" : "directories"}, not one: ${list(several, workspace)}`,
    `Narrow the pattern so that it matches exactly one file; a version has one ${part}.`,
  );
}

function noMatch(pattern: string, part: Part, workspace: string): Problem {
  const folder = existingFolder(pattern, workspace);
  const inside = readdirSync(folder).sort();
  const content = inside.length > 0 ? `has ${list(inside, undefined)}` : "is empty";
  const shown = relative(workspace, folder) || "the workspace";
  return problem(
    `${part} ${quoted(pattern)} matches no file in ${workspace}; ${shown} ${content}`,
    "Check the pattern, and that an earlier step of this job built, checked out or downloaded the file (actions/checkout, actions/download-artifact).",
  );
}

// The deepest folder before the first wildcard that exists: what is in it tells what the pattern should have been.
function existingFolder(pattern: string, workspace: string): string {
  const fixed = pattern.split(/[*?[{]/)[0] ?? "";
  let folder = resolve(workspace, fixed.endsWith("/") ? fixed : dirname(fixed));
  while (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    if (dirname(folder) === folder) return workspace;
    folder = dirname(folder);
  }
  return folder;
}

// A link in a checked-out tree may have been made by anyone who could write there, and may point at a secret of the
// runner. A path that is outside the workspace by its own words is the workflow's own will.
function realPath(found: string, pattern: string, part: Part, workspace: string): string {
  let path: string;
  try {
    path = realpathSync(found);
  } catch (error) {
    throw problem(`${part} ${quoted(pattern)} is a symbolic link to nothing`, "Pass the file itself.", error);
  }
  if (isInside(found, resolve(workspace)) && !isInside(path, realpathSync(workspace))) {
    throw problem(
      `${part} ${quoted(pattern)} is a symbolic link that leaves the workspace (to ${quoted(path)})`,
      "Pass the file itself, or copy it into the workspace first.",
    );
  }
  return path;
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(join("..", "/")) && !isAbsolute(way);
}

/** The size, when Azure takes a file of that size; a problem otherwise. */
export function checkedSize(size: number, pattern: string, part: Part): number {
  const limit = LIMIT_BYTES[part];
  if (size === 0) {
    throw problem(
      `${part} ${quoted(pattern)} is empty`,
      "Check the step that makes the file; Azure takes no empty one.",
    );
  }
  if (size > limit) {
    throw problem(
      `${part} ${quoted(pattern)} has ${size} bytes; Azure takes at most ${limit}`,
      "Make it smaller, or have its install command fetch the rest.",
    );
  }
  return size;
}

/** What is doubtful about a size that Azure should take. */
export function sizeWarnings(size: number, name: string): string[] {
  if (size <= LARGE_PACKAGE_BYTES) return [];
  return [`${name} has ${size} bytes: Azure's limit is "2 GB", which may mean ${LARGE_PACKAGE_BYTES} bytes`];
}

function list(paths: readonly string[], workspace: string | undefined): string {
  const shown = paths.slice(0, LISTED).map((path) => quoted(workspace ? relative(workspace, path) : path));
  return paths.length > LISTED ? `${shown.join(", ")} and ${paths.length - LISTED} more` : shown.join(", ");
}

function problem(message: string, nextStep: string, cause?: unknown): Problem {
  return new Problem("bad-file", message, nextStep, { cause });
}
