import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";

type Json = Readonly<Record<string, any>>;

const document: Json = parse(readFileSync(new URL("../../docs/api.yaml", import.meta.url), "utf8"), {
  merge: true,
});
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema({ ...document, $id: "api" });

/** One answer of an endpoint, to be held against the document. */
export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Each operation of the document, as `POST /applications/{application}/…`. */
export function documentedOperations(): string[] {
  return Object.entries<Json>(document["paths"]).flatMap(([path, item]) =>
    Object.keys(item).flatMap((method) =>
      method === "parameters" ? [] : [`${method.toUpperCase()} ${path}`],
    ),
  );
}

/** The operation that a request is, by the document. */
export function operationOf(method: string, path: string): string | undefined {
  const { pathname } = new URL(path, "https://pipeline.example");
  return documentedOperations().find((operation) => {
    const [verb = "", template = ""] = operation.split(" ");
    const pattern = template.replaceAll(/\{\w+\}/g, "[^/]+");
    return verb === method && new RegExp(`^/api${pattern}$`).test(pathname);
  });
}

/** What is wrong with an answer by the document; nothing when all is well. */
export function documentProblems({ method, path, status, headers, body }: Answered): string[] {
  const operation = operationOf(method, path);
  if (operation === undefined) return [`${method} ${path} is not in the document`];
  const [, template = ""] = operation.split(" ");
  const listed = document["paths"][template][method.toLowerCase()].responses[status];
  if (!listed) return [`${operation} does not answer ${status}`];
  const response = resolved(listed);
  const missing = Object.entries<Json>(response["headers"] ?? {}).flatMap(([name, header]) =>
    header["required"] === true && !headers.has(name) ? [`${name} is missing`] : [],
  );
  const [[type, content] = ["", {}]] = Object.entries<Json>(response["content"]);
  const given = headers.get("content-type") ?? "";
  const wrongType = given.startsWith(type) ? [] : [`content-type is ${given}, not ${type}`];
  const validate = ajv.getSchema(`api${String(content["schema"].$ref)}`);
  if (!validate) return [`the document lacks ${String(content["schema"].$ref)}`];
  const faults = validate(body) ? [] : (validate.errors ?? []);
  return [...missing, ...wrongType, ...faults.map((one) => `${one.instancePath} ${one.message ?? ""}`)];
}

function resolved(value: Json): Json {
  const reference: unknown = value["$ref"];
  if (typeof reference !== "string") return value;
  return reference
    .slice(2)
    .split("/")
    .reduce<Json>((found, name) => found[name], document);
}
