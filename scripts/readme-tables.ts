import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { parse } from "yaml";
import * as z from "zod";

const root = join(import.meta.dirname, "..");
const readmePath = join(root, "README.md");

const described = z.object({ description: z.string() });
const actionSchema = z.object({
  inputs: z.record(
    z.string(),
    described.extend({ required: z.boolean().default(false), default: z.string().optional() }),
  ),
  outputs: z.record(z.string(), described),
});

/** README.md with its tables of inputs and outputs as `action.yml` has them. */
export async function renderReadme(): Promise<string> {
  const action = actionSchema.parse(parse(readFileSync(join(root, "action.yml"), "utf8")));
  const inputs = Object.entries(action.inputs).map(([name, input]) => {
    const standard = input.required
      ? "**required**"
      : input.default === undefined
        ? ""
        : `\`${input.default}\``;
    return `| \`${name}\` | ${cell(input.description)} | ${standard} |`;
  });
  const outputs = Object.entries(action.outputs).map(
    ([name, output]) => `| \`${name}\` | ${cell(output.description)} |`,
  );
  let text = readFileSync(readmePath, "utf8");
  text = replaceBetween(text, "inputs", ["| input | what it is | default |", "|---|---|---|", ...inputs]);
  text = replaceBetween(text, "outputs", ["| output | what it is |", "|---|---|", ...outputs]);
  return format(text, { ...(await resolveConfig(readmePath)), filepath: readmePath });
}

function replaceBetween(text: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- ${name} from action.yml -->`, `<!-- end of ${name} -->`];
  const [head = "", rest = ""] = text.split(begin);
  const tail = rest.split(end)[1];
  if (tail === undefined) throw new Error(`README.md lacks ${begin} … ${end}`);
  return [head, begin, "\n\n", lines.join("\n"), "\n\n", end, tail].join("");
}

function cell(text: string): string {
  return text.trim().replaceAll("|", "\\|").replaceAll("\n", " ");
}

if (import.meta.main) writeFileSync(readmePath, await renderReadme());
