import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";

const folder = new URL("../../contracts/arm/", import.meta.url);

type Json = Readonly<Record<string, any>>;

function load(file: string): Json {
  return JSON.parse(readFileSync(new URL(file, folder), "utf8"));
}

/** OpenAPI 3.0 to JSON Schema: `nullable` becomes a type, and objects take nothing that they do not name. */
function jsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonSchema);
  if (typeof value !== "object" || value === null) return value;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, jsonSchema(inner)]),
  );
  const isClosed = typeof rest["properties"] === "object" && rest["type"] === "object";
  return {
    ...rest,
    ...(nullable === true && { type: [rest["type"], "null"] }),
    ...(isClosed && { additionalProperties: false }),
  };
}

function matches(template: string, path: string): boolean {
  const pattern = template.replaceAll(/\{scope\}/g, ".+").replaceAll(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^/*${pattern.replace(/^\//, "")}$`, "i").test(path);
}

const documents = ["gallery-2024-03-03.openapi.json", "roleAssignments-2022-04-01.openapi.json"].map(load);

const validators = documents.map((document) => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  ajv.addSchema({ $id: "api", ...(jsonSchema(document) as object) });
  return ajv;
});

/** What is wrong with a response according to the contract; nothing when the contract does not have the path. */
export function contractProblems(
  method: string,
  path: string,
  status: number,
  body: unknown,
): readonly string[] {
  for (const [at, document] of documents.entries()) {
    const template = Object.keys(document["paths"]).find((candidate) => matches(candidate, path));
    const responses = template && document["paths"][template]?.[method.toLowerCase()]?.responses;
    if (!responses) continue;
    if (status < 300 && !(status in responses)) return [`${method} does not answer ${status}`];
    const schema = (responses[status] ?? responses.default)?.content?.["application/json"]?.schema;
    if (!schema) return [];
    const validate = validators[at]!.getSchema(`api${String(schema.$ref)}`);
    if (!validate) return [`the contract lacks ${String(schema.$ref)}`];
    return validate(body)
      ? []
      : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message ?? ""}`);
  }
  return [];
}
