import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");
const sources = globSync("{action,core,functions}/**/*.ts", { cwd: root })
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n");
const action = readFileSync(join(root, "action.yml"), "utf8");

// Texts in the prose, as against headings, that begin as a message does: these are ours.
const ours = [
  "does not let this machine in",
  "the signed-in identity may not",
  "there is no storage account",
  "GitHub's token had expired when Entra saw it",
  "Entra has no federated credential that matches this workflow",
  'the permission "id-token: write" is missing',
  "signed in with",
  "this job is not signed in to Azure",
  "this machine does not have",
  "the storage account belongs to Entra tenant",
  "is not MAJOR.MINOR.PATCH",
  "already published with other content",
  "Azure takes at most",
  "machines get",
  "commands run in the folder that holds the package",
  "everyone who may read the gallery can read commands",
  "is no Azure region known here",
  "more than once",
  "matches no file in",
  "is not published after",
  "the content is the same and on its way",
  "nothing will be published",
  "the job was cancelled while it waited",
  "the pipeline has not begun for",
  "changed while it was read",
];

function spans(text: string): string[] {
  return [...text.replaceAll("\n", " ").matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
}

describe("docs/troubleshooting.md", () => {
  it.each(ours)("quotes %j as the code says it", (text) => {
    expect(spans(page)).toContain(text);
    expect(sources).toContain(text);
  });

  it("quotes no message of ours that is missing above", () => {
    const sentences = spans(page.replace(/^#.*$/gm, "")).filter((span) =>
      /^[a-zA-Z][^<>:=/-]* [^<>:=/-]*$/.test(span),
    );
    const foreign = sentences.filter((span) => !/^(?:az|id-token|is empty|East US)\b/.test(span));

    expect(foreign.filter((span) => !ours.includes(span))).toEqual([]);
  });

  it("heads every section with the text that people search for", () => {
    const headings = page.match(/^### .*$/gm) ?? [];

    expect(headings.length).toBeGreaterThan(25);
    expect(new Set(headings).size).toBe(headings.length);
    expect(headings.filter((heading) => !heading.includes("`"))).toEqual([]);
  });

  it("names only inputs that the Action has", () => {
    const named = [
      "fail-on",
      "sign-in",
      "client-id",
      "dry-run",
      "timeout",
      "cloud",
      "exclude-from-latest",
      "storage-account",
    ];

    for (const name of named) {
      expect(page).toContain(`\`${name}`);
      expect(action).toMatch(new RegExp(`^  ${name}:`, "m"));
    }
  });
});
