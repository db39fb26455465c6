// Route templates of HTTP functions: literals, `{name}`, `{name?}` and `{*rest}`; constraints are refused.
import type { HttpFunction } from "./app-functions.ts";

/** An HTTP function that a request is for, and what its route's parameters are. */
export type RouteMatch = {
  readonly target: HttpFunction;
  readonly params: Readonly<Record<string, string>>;
};

/** Finds the function for a method and a path. Routes with more literal segments go first. */
export type Router = (method: string, path: string) => RouteMatch | undefined;

type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "parameter" | "optional" | "rest"; readonly name: string };

/** Makes a router; `prefix` is host.json's routePrefix. Throws for templates that this host does not know. */
export function routerFor(functions: readonly HttpFunction[], prefix: string): Router {
  const routes = functions
    .map((target) => ({ target, segments: segmentsOf(joined(prefix, target.trigger.route ?? target.name)) }))
    .sort((left, right) => rank(left.segments).localeCompare(rank(right.segments)));
  return (method, path) => {
    const parts = path.split("/").filter((part) => part !== "");
    for (const { target, segments } of routes) {
      if (!target.trigger.methods.some((allowed) => allowed.toUpperCase() === method)) continue;
      const params = matched(segments, parts);
      if (params !== undefined) return { target, params };
    }
    return undefined;
  };
}

function joined(prefix: string, route: string): string {
  return [prefix, route].filter((part) => part !== "").join("/");
}

function segmentsOf(template: string): Segment[] {
  return template.split("/").map((text): Segment => {
    if (!text.includes("{")) return { kind: "literal", text: text.toLowerCase() };
    const [, star = "", name = "", mark = ""] = /^\{(\*?)(\w+)(\??)\}$/.exec(text) ?? [];
    if (name === "") throw new Error(`route "${template}": this host does not know "${text}"`);
    return { kind: star !== "" ? "rest" : mark !== "" ? "optional" : "parameter", name };
  });
}

function rank(segments: readonly Segment[]): string {
  const ranks = { literal: "0", parameter: "1", optional: "2", rest: "3" };
  return segments.map(({ kind }) => ranks[kind]).join("");
}

function matched(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (segment.kind === "rest") {
      params[segment.name] = decoded(parts.slice(index).join("/"));
      return params;
    }
    if (part === undefined) {
      if (segment.kind !== "optional") return undefined;
    } else if (segment.kind !== "literal") {
      params[segment.name] = decoded(part);
    } else if (segment.text !== part.toLowerCase()) {
      return undefined;
    }
  }
  return parts.length <= segments.length ? params : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
