import type { Plugin } from "esbuild";

const NAMESPACE = "lazy-module";

/** Packages that a bundle leaves to files beside it, by the names of these files, without their ending. */
export type LazyModules = Readonly<Record<string, readonly string[]>>;

/**
 * Has a bundle load those packages from their files when something of theirs is first used. For packages of which
 * nothing is used while modules load: no base class, no decorator.
 */
export function lazyModules(files: LazyModules): Plugin {
  const fileOf = new Map(
    Object.entries(files).flatMap(([file, packages]) => packages.map((name) => [name, file] as const)),
  );
  return {
    name: "lazy-modules",
    setup: (build) => {
      build.onResolve({ filter: /^[^./]/ }, ({ path }) =>
        fileOf.has(path) ? { path, namespace: NAMESPACE } : undefined,
      );
      build.onResolve({ filter: /^\.\//, namespace: NAMESPACE }, ({ path }) => ({ path, external: true }));
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path }) => ({
        contents: await shimOf(path, fileOf.get(path) ?? ""),
        loader: "js",
      }));
    },
  };
}

/** The source of a file that {@link lazyModules} has a bundle load. */
export function lazyFile(packages: readonly string[]): string {
  const members = packages.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)}),`);
  return `module.exports = { ${members.join(" ")} };`;
}

/** Leaves out of a bundle what zod says in other languages than English: two thirds of it, which nothing here asks for. */
export const englishZod: Plugin = {
  name: "english-zod",
  setup: (build) => {
    build.onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.c?js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
      loader: "js",
    }));
  },
};

// Each name is a getter that loads the package, which is what both ways of importing look names up with.
async function shimOf(packageName: string, file: string): Promise<string> {
  const loaded: unknown = await import(packageName);
  const names = namesIn(loaded);
  // Of a CommonJS package, Node offers the whole as its default; the package's own default is called so only if it says so.
  const isModule = !names.includes("module.exports") || names.includes("__esModule");
  const name = JSON.stringify(packageName);
  // Node does not see every name of a CommonJS package from outside; its default has them all.
  const whole = new Set([...names, ...namesIn(Reflect.get(Object(loaded), "default"))]);
  const getters = [...whole]
    .filter((member) => member !== "__esModule" && member !== "module.exports")
    .map((member) => JSON.stringify(member))
    .map((member) => `get ${member}() { return load()[${member}]; },`);
  return [
    "let loaded;",
    `const load = () => (loaded ??= require("./${file}.cjs")[${name}]());`,
    `module.exports = { ${isModule ? "__esModule: true," : ""}`,
    ...getters,
    "};",
  ].join("\n");
}

function namesIn(thing: unknown): string[] {
  return (typeof thing === "object" && thing !== null) || typeof thing === "function"
    ? Object.keys(thing)
    : [];
}
