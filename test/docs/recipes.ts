import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The fenced blocks of a Markdown page, by the heading that they stand under; several under one are joined. */
export function recipesOf(page: string, languages: readonly string[]): Record<string, string> {
  const text = readFileSync(join(import.meta.dirname, "../../docs", page), "utf8");
  const recipes: Record<string, string> = {};
  let heading = "";
  for (const [, language, code = "", title] of text.matchAll(/^```(\w+)\n([\s\S]*?)^```$|^#+ (.+)$/gm)) {
    if (title !== undefined) heading = title;
    else if (language !== undefined && languages.includes(language))
      recipes[heading] = (recipes[heading] ?? "") + code;
  }
  return recipes;
}
