import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { format, resolveConfig } from "prettier";
import * as z from "zod";
import { SCHEMA } from "../core/document.ts";
import { manifestSchema } from "../core/manifest.ts";
import { profileSchema } from "../core/profile.ts";
import { releaseFileSchema } from "../core/release-file.ts";

const root = join(import.meta.dirname, "..");

const documents = [
  {
    path: join(root, "schemas/manifest.schema.json"),
    title: "Manifest",
    description: "manifest.json of a submission: what is to be published and how.",
    schema: manifestSchema,
  },
  {
    path: join(root, "schemas/profile.schema.json"),
    title: "Profile",
    description: "applications/<application>.json: the standing rules of one application.",
    schema: profileSchema,
  },
  {
    path: join(root, "schemas/vmapp.schema.json"),
    title: "Release file",
    description: "vmapp.yaml beside the code: how an application is published, release after release.",
    schema: releaseFileSchema,
  },
];

/** The JSON Schemas of the documents that people write, as their files should read. */
export async function renderSchemas(): Promise<readonly { readonly path: string; readonly text: string }[]> {
  return Promise.all(
    documents.map(async ({ path, title, description, schema }) => {
      const { $schema, ...rules } = z.toJSONSchema(schema, { io: "input", override: withoutDatePattern });
      const $id = `urn:azure-vm-application-publisher:${basename(path, ".schema.json")}:${SCHEMA}`;
      const text = JSON.stringify({ $schema, $id, title, description, ...rules });
      return { path, text: await format(text, { ...(await resolveConfig(path)), filepath: path }) };
    }),
  );
}

// The format says the same as zod's long pattern, and an editor can explain it.
function withoutDatePattern({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
}

if (import.meta.main) {
  for (const { path, text } of await renderSchemas()) {
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    if (process.argv.includes("--check")) {
      console.error(`${relative(root, path)} is not what core/ describes. Run "npm run schemas".`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
}
