import { statSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { quoted } from "../core/application.ts";
import { Problem } from "../core/problem.ts";
import { memberOf, messageOf } from "./thrown.ts";

const LIMIT_BYTES = 1024 * 1024;

/**
 * The version that a file of the workspace tells: the member `version` of a JSON file, the first `version = "…"` of a TOML
 * file, the first line of any other. The problem `no-version-file` when it tells none.
 */
export function versionInFile(name: string, workspace: string): string {
  const text = textOf(name, workspace);
  const found = /\.json$/i.test(name)
    ? inJson(text, name)
    : /\.toml$/i.test(name)
      ? inToml(text)
      : firstLine(text);
  if (found !== undefined && found !== "") return found;
  throw problem(`version-file ${quoted(name)} tells no version`);
}

function textOf(name: string, workspace: string): string {
  const path = resolve(workspace, name);
  try {
    if (statSync(path).size > LIMIT_BYTES) throw problem(`version-file ${quoted(name)} is larger than 1 MiB`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw problem(`version-file ${quoted(name)} cannot be read: ${messageOf(error)}`, error);
  }
}

function inJson(text: string, name: string): string | undefined {
  try {
    const document: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    const version = memberOf(document, "version");
    return typeof version === "string" ? version : undefined;
  } catch (error) {
    throw problem(`version-file ${quoted(name)} is not JSON: ${messageOf(error)}`, error);
  }
}

function inToml(text: string): string | undefined {
  return /^[ \t]*version[ \t]*=[ \t]*["']([^"'\n]*)["']/m.exec(text)?.[1];
}

function firstLine(text: string): string | undefined {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)[0]
    ?.trim();
}

function problem(message: string, cause?: unknown): Problem {
  return new Problem(
    "no-version-file",
    message,
    "Pass a file of the workspace: JSON with a version, TOML with a version, or a text that begins with one.",
    { cause },
  );
}
