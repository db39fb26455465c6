import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import * as z from "zod";

const root = join(import.meta.dirname, "..");
const guide = join(root, "docs/security.md");

const rightsSchema = z.object({
  roles: z.record(
    z.string(),
    z.object({
      description: z.string(),
      builtIn: z.string(),
      actions: z.array(z.string()),
      dataActions: z.array(z.string()),
    }),
  ),
  assignments: z.array(
    z.object({
      identity: z.string(),
      role: z.string(),
      scope: z.string(),
      when: z.string().optional(),
      condition: z.array(z.string()).optional(),
    }),
  ),
});

const whens: Readonly<Record<string, string>> = {
  leased: "`access: leased`",
  standing: "`access: standing`",
  scheduler: "`durableBackend: scheduler`",
};

/** `docs/security.md` with its tables as `infra/roles.json` has them. */
export async function renderRights(): Promise<string> {
  const { roles, assignments } = rightsSchema.parse(
    JSON.parse(readFileSync(join(root, "infra/roles.json"), "utf8")),
  );
  const rows = assignments.map(({ identity, role, scope, when, condition }) => {
    const kind = role in roles ? "" : " (built-in)";
    const onlyWhen = when === undefined ? "always" : (whens[when] ?? when);
    return `| ${identity} | ${role}${kind} | \`${scope}\` | ${onlyWhen} | ${conditionOf(condition)} |`;
  });
  const made = Object.entries(roles).map(([name, role]) => {
    const actions = [...role.actions, ...role.dataActions.map((each) => `${each} (data)`)];
    return `| ${name} | ${role.description} | ${actions.map((each) => `\`${each}\``).join(" ")} | ${role.builtIn} |`;
  });
  let text = readFileSync(guide, "utf8");
  text = replaceBetween(text, "assignments", [
    "| identity | role | scope | when | condition |",
    "|---|---|---|---|---|",
    ...rows,
  ]);
  text = replaceBetween(text, "roles", [
    "| role | what for | actions | with `customRoles: false` |",
    "|---|---|---|---|",
    ...made,
  ]);
  return format(text, { ...(await resolveConfig(guide)), filepath: guide });
}

function conditionOf(condition: readonly string[] | undefined): string {
  if (condition === undefined) return "";
  const text = condition.join(" ");
  if (text.includes("{application}")) return "below its applications' paths";
  if (text.includes("/api-")) return "below the folders `api-…` of submissions";
  return "the gallery's role for the gallery's identity, nothing else";
}

function replaceBetween(text: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- ${name} from infra/roles.json -->`, `<!-- end of ${name} -->`];
  const [head = "", rest = ""] = text.split(begin);
  const tail = rest.split(end)[1];
  if (tail === undefined) throw new Error(`docs/security.md lacks ${begin} … ${end}`);
  return [head, begin, "\n\n", lines.join("\n"), "\n\n", end, tail].join("");
}

if (import.meta.main) writeFileSync(guide, await renderRights());
