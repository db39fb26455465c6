import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderReadme } from "../../scripts/readme-tables.ts";

const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

describe("README.md", () => {
  it("has the inputs and outputs of action.yml (npm run readme writes them)", async () => {
    expect(readme).toBe(await renderReadme());
  });

  it("shows a workflow of at most ten lines below its comment", () => {
    const [, workflow = ""] = /```yaml\n# [^\n]*\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(workflow.trim().split("\n").length).toBeLessThanOrEqual(10);
  });
});
