import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Language, type Node, Parser } from "web-tree-sitter";
import { compiledTemplateFaults, infraSources, infraSourcesHash } from "../../scripts/infra-sources.ts";
import { infra } from "./a-plan.ts";
import { parseTemplate } from "./bicep/parse-template.ts";

const { resolve } = createRequire(import.meta.url);
const templates = infraSources().filter((path) => path.endsWith(".bicep"));

describe("infra/*.bicep", () => {
  let parser: Parser;

  beforeAll(async () => {
    await Parser.init();
    parser = new Parser();
    parser.setLanguage(await Language.load(resolve("tree-sitter-bicep/tree-sitter-bicep.wasm")));
  });

  it.each(templates)("%s is Bicep to a grammar that is not ours", (path) => {
    const tree = parser.parse(readFileSync(join(infra, path), "utf8"));
    expect(faultsIn(tree!.rootNode)).toEqual([]);
  });

  it("would find a fault", () => {
    expect(faultsIn(parser.parse("param a string =\nvar b = {\n")!.rootNode)).not.toEqual([]);
  });

  it.each(templates)("%s declares nothing that nobody uses", (path) => {
    const { declarations, used } = parseTemplate(join(infra, path));
    const unused = declarations
      .filter(({ kind }) => kind === "param" || kind === "var" || kind === "type")
      .map((each) => ("name" in each ? each.name : ""))
      .filter((name) => !used.has(name) && basename(path) !== "grant.bicep");
    expect(unused).toEqual([]);
  });

  it("says of each parameter what it is", () => {
    const { declarations } = parseTemplate(join(infra, "main.bicep"));
    const silent = declarations
      .filter((each) => each.kind === "param")
      .filter(({ decorators }) => decorators.every(({ name }) => name !== "description"));
    expect(silent).toEqual([]);
  });

  it.each(templates)("%s needs no registry, no extension and no address of one cloud", (path) => {
    const text = readFileSync(join(infra, path), "utf8");
    expect(text).not.toMatch(/'(?:br|ts)[:/]|^extension |^provider /m);
    expect(text).not.toMatch(/windows\.net|azure\.com|microsoftonline|chinacloudapi|usgovcloudapi/);
  });
});

describe("infra/main.json", () => {
  it("is the compiler's output of these sources, where it is there", () => {
    expect(compiledTemplateFaults()).toEqual([]);
  });

  it("is found out when a source changes, or when no compiler made it", () => {
    const folder = mkdtempSync(join(tmpdir(), "infra-"));
    cpSync(infra, folder, { recursive: true });
    writeFileSync(
      join(folder, "main.json"),
      '{"metadata": {"_generator": {"name": "bicep", "version": "0.37.4", "templateHash": "1"}}}',
    );
    writeFileSync(join(folder, "main.json.sources"), infraSourcesHash(folder));
    expect(compiledTemplateFaults(folder)).toEqual([]);
    writeFileSync(join(folder, "roles.json"), "{}");
    expect(compiledTemplateFaults(folder)).toEqual([expect.stringContaining("other sources")]);
    writeFileSync(join(folder, "main.json"), "{}");
    expect(compiledTemplateFaults(folder)).toHaveLength(3);
    rmSync(folder, { recursive: true });
  });
});

function faultsIn(node: Node): string[] {
  if (node.isError || node.isMissing)
    return [`line ${node.startPosition.row + 1}: ${node.text.slice(0, 60)}`];
  return node.children.flatMap(faultsIn);
}
