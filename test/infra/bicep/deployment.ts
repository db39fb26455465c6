import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { evaluate, loopOf, type Scope } from "./evaluate.ts";
import type { Value } from "./functions.ts";
import { parseTemplate } from "./parse-template.ts";
import { parametersOf } from "./parameters.ts";
import { runtimeProperties } from "./runtime-properties.ts";
import type { Declaration, Template } from "./syntax.ts";

/** A resource that a deployment would write. */
export type PlannedResource = {
  readonly type: string;
  readonly apiVersion: string;
  readonly id: string;
  readonly name: string;
  /** The id of what an extension resource, such as a role assignment, is attached to. */
  readonly scope: string | undefined;
  readonly body: Value;
};

/** Where a template is deployed to. */
export type Place = {
  readonly subscriptionId: string;
  readonly resourceGroup: string | undefined;
  readonly cloud: Value;
  /** What exists already: bodies by lower-case id. */
  readonly existing: Readonly<Record<string, Value>>;
};

export type Plan = { readonly resources: readonly PlannedResource[]; readonly outputs: Value };

type Referable = Extract<Declaration, { kind: "resource" | "module" }>;

/** What deploying a template would write, in the way that Azure would evaluate it. */
export function planOf(path: string, parameters: Readonly<Record<string, Value>>, place: Place): Plan {
  const template: Template = parseTemplate(path);
  const resources: PlannedResource[] = [];
  const thunks = new Map<string, () => Value>();
  const scope: Scope = { lookUp, call };

  for (const [name, value] of parametersOf(template, parameters, scope, path)) thunks.set(name, value);
  const outputs: Record<string, Value> = {};
  const referables: string[] = [];
  for (const declaration of template.declarations) {
    if (declaration.kind === "var") define(declaration.name, () => evaluate(declaration.value, scope));
    if (declaration.kind !== "resource" && declaration.kind !== "module") continue;
    define(declaration.name, () => deployed(declaration, undefined));
    referables.push(declaration.name);
  }
  for (const name of referables) lookUp(name);
  for (const declaration of template.declarations) {
    if (declaration.kind === "output") outputs[declaration.name] = evaluate(declaration.value, scope);
  }
  return { resources, outputs };

  function define(name: string, compute: () => Value): void {
    let known: { readonly value: Value } | undefined;
    thunks.set(name, () => (known ??= { value: compute() }).value);
  }

  function lookUp(name: string): Value {
    const thunk = thunks.get(name);
    if (thunk === undefined) throw new Error(`${path}: nothing is called "${name}"`);
    return thunk();
  }

  function deployed(declaration: Referable, parent: Value): Value {
    const { body, condition } = declaration;
    if (body.kind === "for") {
      const results: Value[] = [];
      for (const { index, inside } of loopOf(body, scope)) {
        results[index] = deployedOnce({ ...declaration, body: body.body }, parent, inside);
      }
      return results;
    }
    const isDeployed = condition === undefined || evaluate(condition, scope) === true;
    return isDeployed ? deployedOnce(declaration, parent, scope) : null;
  }

  function deployedOnce(declaration: Referable, parent: Value, inside: Scope): Value {
    const written = evaluate(declaration.body, inside);
    return declaration.kind === "module"
      ? moduleOf(declaration, written)
      : resourceOf(declaration, written, written.parent ?? parent);
  }

  function moduleOf({ what }: Referable, { params = {}, scope: where, name }: Value): Value {
    if (typeof name !== "string" || name.length > 64)
      throw new Error(`${path}: bad deployment name "${name}"`);
    const plan = planOf(join(dirname(path), what), params, where?.place ?? place);
    resources.push(...plan.resources);
    return { outputs: plan.outputs };
  }

  function resourceOf(declaration: Referable, written: Value, parent: Value): Value {
    const { parent: _parent, scope: attachedTo, dependsOn: _dependsOn, ...body } = written;
    const [ownType = "", ownVersion] = declaration.what.split("@");
    const type: string = parent && !ownType.includes("/") ? `${parent.type}/${ownType}` : ownType;
    const apiVersion: string = ownVersion ?? parent.apiVersion;
    const names = parent ? `${parent.names}/${body.name}` : body.name;
    const base = attachedTo?.place ? idOf(attachedTo.place) : (attachedTo?.id ?? idOf(place));
    const id = resourceId(base, type, names);
    const known = declaration.isExisting ? (place.existing[id.toLowerCase()] ?? {}) : body;
    const answer = {
      ...runtimeProperties({ type, id, name: names, body: known }),
      id,
      type,
      apiVersion,
      names,
    };
    if (!declaration.isExisting) {
      const scopeId =
        attachedTo && !attachedTo.place
          ? attachedTo.id
          : type.startsWith("Microsoft.Authorization/")
            ? base
            : undefined;
      resources.push({ type, apiVersion, id, name: names, scope: scopeId, body });
    }
    const nested = declaration.body.kind === "object" ? declaration.body.nested : [];
    for (const child of nested) {
      if (child.kind === "resource") (answer.nested ??= {})[child.name] = deployed(child, answer);
    }
    return answer;
  }

  function call(name: string, values: readonly Value[]): Value {
    switch (name) {
      case "environment":
        return place.cloud;
      case "tenant":
        return { tenantId: place.cloud.tenantId };
      case "subscription":
        return {
          id: `/subscriptions/${place.subscriptionId}`,
          subscriptionId: place.subscriptionId,
          place: { ...place, resourceGroup: undefined },
        };
      case "resourceGroup": {
        const group = values.at(-1) ?? place.resourceGroup;
        const subscriptionId = values.length === 2 ? values[0] : place.subscriptionId;
        const inGroup = { ...place, subscriptionId, resourceGroup: group };
        return { id: idOf(inGroup), name: group, location: "eastus2", place: inGroup };
      }
      case "resourceId": {
        if (values[0].includes("/")) return resourceId(idOf(place), values[0], values.slice(1).join("/"));
        const [subscriptionId, resourceGroup, type, ...names] = values;
        return resourceId(
          `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`,
          type,
          names.join("/"),
        );
      }
      case "subscriptionResourceId":
        return resourceId(`/subscriptions/${place.subscriptionId}`, values[0], values.slice(1).join("/"));
      case "loadTextContent":
        return readFileSync(join(dirname(path), values[0]), "utf8");
      case "loadJsonContent": {
        const [file, at = "$"] = values;
        const whole = JSON.parse(readFileSync(join(dirname(path), file), "utf8"));
        return at
          .split(".")
          .slice(1)
          .reduce((part: Value, key: string) => part[key], whole);
      }
      default:
        throw new Error(`${path}: there is no function "${name}"`);
    }
  }
}

function idOf({ subscriptionId, resourceGroup }: Place): string {
  const subscription = `/subscriptions/${subscriptionId}`;
  return resourceGroup === undefined ? subscription : `${subscription}/resourceGroups/${resourceGroup}`;
}

function resourceId(base: string, type: string, names: string): string {
  const [provider = "", ...kinds] = type.split("/");
  const parts = names.split("/");
  if (parts.length !== kinds.length) throw new Error(`"${names}" is no name of a ${type}`);
  return [base, "providers", provider, ...kinds.flatMap((kind, index) => [kind, parts[index]])].join("/");
}
