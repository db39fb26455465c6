import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { parseReleaseFile } from "../../action/manifest-file.ts";
import { parseProfile } from "../../core/profile.ts";
import { renderRights } from "../../scripts/rights-table.ts";
import { operationOf } from "../contracts/api-document.ts";
import { parseTemplate } from "../infra/bicep/parse-template.ts";

const root = join(import.meta.dirname, "../..");
const guides = ["setup", "security", "operations", "monitoring", "notifications", "migrating", "costs"].map(
  (name) => `docs/${name}.md`,
);
const documents = [
  ...guides,
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "docs/architecture.md",
  "docs/unproven.md",
];

function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The guide's blocks of a language, without the indent of the list that they stand in. */
function blocksOf(path: string, language: string): string[] {
  return [...textOf(path).matchAll(new RegExp(`^( *)\`\`\`${language}\n([\\s\\S]*?)^ *\`\`\``, "gm"))].map(
    ([, indent = "", text = ""]) => text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}

/** What links to a heading are called: lower case, hyphens for spaces. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

describe("the guides", () => {
  it.each(documents)("%s has a head on each of its tables", (path) => {
    const blocks = textOf(path)
      .split("\n\n")
      .map((block) => block.split("\n"));
    const headless = blocks.filter(
      ([first, second]) => first?.startsWith("|") && !second?.startsWith("| ---"),
    );
    expect(headless).toEqual([]);
  });

  it.each(guides.filter((path) => blocksOf(path, "sh").length > 0))(
    "%s has commands that bash can read",
    (path) => {
      const faults = blocksOf(path, "sh").map((script) => {
        const { status, stderr } = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
        return status === 0 ? "" : `${stderr}${script}`;
      });
      expect(faults.join("")).toBe("");
    },
  );

  it("name parameters that the templates have", () => {
    const parametersOf = (template: string) =>
      parseTemplate(join(root, "infra", template)).declarations.flatMap((each) =>
        each.kind === "param" ? [each.name] : [],
      );
    const known = new Set([...parametersOf("main.bicep"), ...parametersOf("event-grid-trigger.bicep")]);
    const deployments = guides.flatMap((path) =>
      [...blocksOf(path, "sh"), textOf(path)].flatMap((text) => [
        ...text.replaceAll("\\\n", " ").matchAll(/--parameters ([^\n`]*)/g),
      ]),
    );
    const named = deployments.flatMap(([, given = ""]) => [...given.matchAll(/(?:^|\s)([a-z]\w*)=/gi)]);
    expect(named.length).toBeGreaterThan(5);
    expect(named.map(([, name = ""]) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  it("speak of parameters in code that the template has", () => {
    const { declarations } = parseTemplate(join(root, "infra/main.bicep"));
    const known = declarations.flatMap((each) => (each.kind === "param" ? [each.name] : []));
    const table = /Those worth a thought[\s\S]*?\n## /.exec(textOf("docs/setup.md"))?.[0] ?? "";
    const named = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = ""]) => [
      ...cell.matchAll(/`(\w+)`/g),
    ]);
    expect(named.length).toBeGreaterThan(5);
    expect(named.map(([, name = ""]) => name).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("set parameters in main.bicepparam that the template has", () => {
    const { declarations } = parseTemplate(join(root, "infra/main.bicep"));
    const known = declarations.flatMap((each) => (each.kind === "param" ? [each.name] : []));
    const set = [...textOf("infra/main.bicepparam").matchAll(/^param (\w+) =/gm)].map(
      ([, name = ""]) => name,
    );
    expect(set.length).toBeGreaterThan(3);
    expect(set.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(documents)("%s links to files and headings that are there", (path) => {
    const links = [...textOf(path).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    const broken = links
      .map(([link, file = "", anchor]) => ({
        link,
        anchor,
        target: file === "" ? path : join(dirname(path), file),
      }))
      .filter(
        ({ target, anchor }) =>
          !existsSync(join(root, target)) ||
          (anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor)),
      );
    expect(broken).toEqual([]);
  });

  it.each(guides)("%s runs scripts of this repository that are there", (path) => {
    const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
    const text = textOf(path);
    const npm = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name);
    const files = [...text.matchAll(/\binfra\/[\w./-]+\w/g)].map(([file]) => file);
    expect(npm.filter((name) => !(name in scripts))).toEqual([]);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it("ask endpoints that docs/api.yaml has, and show each of them once", () => {
    const commands = blocksOf("docs/operations.md", "sh")
      .join("\n")
      .replaceAll("\\\n", " ")
      .split("\n")
      .filter((line) => line.startsWith("curl "));
    const asked = commands.map((command) => {
      const [, path = ""] = /"\$API(\/[^"?]*)/.exec(command) ?? [];
      return operationOf(/-X (\w+)/.exec(command)?.[1] ?? "GET", `/api${path}`) ?? `not there: ${command}`;
    });
    expect(asked.filter((operation) => operation.startsWith("not there"))).toEqual([]);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toEqual(expect.arrayContaining(["GET /posture"]));
  });

  it("show a profile that the pipeline takes", () => {
    const [, profile = ""] = /<<'JSON'\n([\s\S]*?)\nJSON/.exec(textOf("docs/setup.md")) ?? [];
    expect(parseProfile(profile, "flooperapp").targetRegions).toEqual([
      { name: "eastus2" },
      { name: "westeurope" },
    ]);
  });

  it("show a vmapp.yaml that the Action takes", () => {
    const manifest =
      blocksOf("docs/migrating.md", "yaml").find((each) => each.startsWith("application:")) ?? "";
    expect(parseReleaseFile(manifest, "vmapp.yaml").file.targetRegions).toHaveLength(2);
  });
});

describe("docs/security.md", () => {
  it("has the tables of infra/roles.json (npm run readme writes them)", async () => {
    expect(textOf("docs/security.md")).toBe(await renderRights());
  });
});
