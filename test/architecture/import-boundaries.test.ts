import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import config from "../../eslint.config.js";
import { tracked } from "./tracked-files.ts";

// Snippets have no file of their own, so the rules that ask TypeScript for types stay out.
const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    ...config,
    tseslint.configs.disableTypeChecked,
    { languageOptions: { parserOptions: { projectService: false } } },
  ],
});

async function rulesBrokenBy(code: string, filePath: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return [...new Set(result?.messages.map(({ ruleId, message }) => ruleId ?? message))].filter(
    (rule) => !rule.startsWith("@typescript-eslint/no-unused"),
  );
}

const boundary = ["own/import-boundaries"];

describe("import boundaries", () => {
  it.each([
    ["core/x.ts", 'import "node:fs";'],
    ["core/x.ts", 'import "../action/inputs.ts";'],
    ["core/deep/x.ts", 'export * from "../../functions/ports.ts";'],
    ["core/x.ts", 'import type { Context } from "@azure/functions";'],
    ["action/submit.ts", 'import "@azure/storage-blob";'],
    ["action/submit.ts", 'import "@actions/core";'],
    ["action/submit.ts", 'import "yaml";'],
    ["action/main.ts", 'import "../functions/ports.ts";'],
    ["action/main.ts", 'import "../local/world.ts";'],
    ["functions/orchestrators/x.ts", 'import "../ports.ts";'],
    ["functions/orchestrators/x.ts", 'import "node:crypto";'],
    ["functions/orchestrators/x.ts", 'import "durable-functions";'],
    ["functions/orchestrators/x.ts", 'import { activities } from "../activities.ts";'],
    ["functions/triggers/x.ts", 'import "@azure/storage-blob";'],
    ["functions/triggers/x.ts", 'import "durable-functions";'],
    ["functions/triggers/x.ts", 'import "../azure/gallery.ts";'],
    ["functions/entities/x.ts", 'import "../azure/access.ts";'],
    ["functions/callers/x.ts", 'import "../ports.ts";'],
    ["functions/callers/x.ts", 'import "@azure/identity";'],
    ["functions/azure/gallery.ts", 'import "durable-functions";'],
    ["functions/azure/gallery.ts", 'import "../orchestrators/publish-release.ts";'],
    ["functions/durable.ts", 'import "./azure/gallery.ts";'],
    ["functions/durable.ts", 'import "@azure/identity";'],
    ["functions/app.ts", 'import "durable-functions";'],
    ["functions/main.ts", 'import "../local/world.ts";'],
    ["functions/main.ts", 'await import("../local/world.ts");'],
    ["functions/ports.ts", 'export type { World } from "../local/world.ts";'],
    ["examples/x.ts", 'import "../local/world.ts";'],
  ])("refuse in %s: %s", async (filePath, code) => {
    expect(await rulesBrokenBy(code, filePath)).toEqual(boundary);
  });

  it.each([
    [
      "core/x.ts",
      'import { z } from "zod"; import { createHash } from "node:crypto"; import "./version.ts";',
    ],
    ["action/storage.ts", 'import "@azure/storage-blob"; import "../core/version.ts";'],
    ["action/manifest-file.ts", 'import "yaml";'],
    ["functions/orchestrators/x.ts", 'import "../../core/version.ts"; import "../vocabulary.ts";'],
    ["functions/orchestrators/x.ts", 'import type { Plan } from "../story-values.ts";'],
    ["functions/triggers/x.ts", 'import "../durable.ts"; import "../ports.ts";'],
    ["functions/callers/x.ts", 'import "jose"; import "../../core/version.ts";'],
    ["functions/azure/gallery.ts", 'import "@azure/arm-compute"; import "../ports.ts";'],
    ["functions/durable.ts", 'import "durable-functions"; import "./vocabulary.ts";'],
    ["functions/main.ts", 'import "./app.ts"; import "./azure/gallery.ts";'],
    ["local/x.ts", 'import "../functions/app.ts"; import "durable-functions";'],
    ["test/x.ts", 'import "../local/world.ts";'],
    ["bench/x.ts", 'import "../local/world.ts";'],
  ])("allow in %s: %s", async (filePath, code) => {
    expect(await rulesBrokenBy(code, filePath)).toEqual([]);
  });
});

describe("purity", () => {
  const impure = [
    "Date.now();",
    "new Date();",
    "Date();",
    "Math.random();",
    "console.log(1);",
    "process.exit();",
    "performance.now();",
    "void fetch(url);",
    "setTimeout(run, 1);",
    "crypto.randomUUID();",
    "globalThis.fetch(url);",
    "export async function run() {}",
    "export const run = async () => {};",
    "await run;",
  ];

  it.each(
    ["core/x.ts", "functions/orchestrators/x.ts"].flatMap((path) => impure.map((code) => [path, code])),
  )("refuses in %s: %s", async (filePath, code) => {
    expect(await rulesBrokenBy(code, filePath)).toContainEqual(expect.stringMatching(/^no-restricted-/));
  });

  it("allows random bytes nowhere in core", async () => {
    expect(await rulesBrokenBy('import { randomUUID } from "node:crypto";', "core/x.ts")).toEqual([
      "no-restricted-imports",
    ]);
  });

  it("allows core, but no orchestrator, to compute with a date that it was given", async () => {
    const code = "new Date(value); Date.parse(text);";

    expect(await rulesBrokenBy(code, "core/x.ts")).toEqual([]);
    expect(await rulesBrokenBy(code, "functions/orchestrators/x.ts")).toEqual(["no-restricted-globals"]);
  });
});

describe("style", () => {
  it.each([
    ["core/x.ts", "export const x: any = 1;", "@typescript-eslint/no-explicit-any"],
    ["core/x.ts", "export const x = y!;", "@typescript-eslint/no-non-null-assertion"],
    ["core/x.ts", "export const x = y as string;", "@typescript-eslint/consistent-type-assertions"],
    ["functions/app.ts", "export const x = y as string;", "@typescript-eslint/consistent-type-assertions"],
    ["core/x.ts", "export default 1;", "no-restricted-exports"],
    [
      "test/x.test.ts",
      'jest.mock("a"); it("a", () => { expect(1).toBe(1); });',
      "jest/no-restricted-jest-methods",
    ],
  ])("refuses in %s: %s", async (filePath, code, rule) => {
    expect(await rulesBrokenBy(code, filePath)).toEqual([rule]);
  });

  it.each([
    ["core/x.ts", 'export const x = ["a"] as const;'],
    ["functions/durable.ts", "export const x = y as string;"],
  ])("allows in %s: %s", async (filePath, code) => {
    expect(await rulesBrokenBy(code, filePath)).toEqual([]);
  });

  it("gives a reason behind every disabled rule", () => {
    const marker = new RegExp("eslint-" + "disable|@ts-" + "(expect-error|ignore|nocheck)");
    const withoutReason = tracked(/\.[jt]s$/).flatMap(({ path, lines }) =>
      lines.flatMap((line, index) =>
        marker.test(line) && !/ -- \S|@ts-expect-error \S/.test(line) ? [`${path}:${index + 1}`] : [],
      ),
    );

    expect(withoutReason).toEqual([]);
  });
});
