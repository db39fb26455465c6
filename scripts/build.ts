import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { englishZod, lazyFile, type LazyModules, lazyModules } from "./lazy-modules.ts";

const root = join(import.meta.dirname, "..");

/** What the Action needs on some ways only: jobs without client-id and tenant-id, manifests in YAML, proxies. */
const lazyInAction: LazyModules = {
  "azure-sdks": ["@azure/identity", "@azure/storage-blob"],
  "http-proxy": ["@actions/http-client", "undici"],
  github: ["@actions/github", "snappyjs"],
  yaml: ["yaml"],
};

/** What the function app needs once the event that started it is answered, if at all. */
const lazyInFunctions: LazyModules = {
  "azure-sdks": ["@azure/arm-authorization", "@azure/arm-compute", "@azure/identity", "@azure/storage-blob"],
  "http-client": ["axios", "validator"],
  sigstore: [
    "@sigstore/bundle",
    "@sigstore/core",
    "@sigstore/protobuf-specs",
    "@sigstore/tuf",
    "@sigstore/verify",
  ],
};

/**
 * Bundles the Action into `<into>/main.js` for the `node24` runtime of GitHub's runners. It is no ES module: those see
 * each of Node's own modules through a copy of all that it exports, for which Node loads what nobody asked for.
 */
export async function buildAction(into = join(root, "dist/action")): Promise<void> {
  await bundle(into, lazyInAction, {
    entryPoints: { main: join(root, "action/main.ts") },
    ...commonJs,
    // The name that action.yml has.
    outExtension: {},
    target: "node24",
  });
  writeChanged(join(into, "package.json"), json({ private: true, type: "commonjs" }));
}

/** Bundles the function app into `<into>`, a folder that Azure Functions takes as it is. */
export async function buildFunctions(into = join(root, "dist/functions")): Promise<void> {
  await bundle(into, lazyInFunctions, {
    entryPoints: { main: join(root, "functions/main.ts") },
    ...commonJs,
    target: "node22",
    // The Functions worker provides this module to `require` at run time; it is no npm package.
    external: ["@azure/functions-core"],
  });
  writeChanged(join(into, "package.json"), json({ private: true, type: "commonjs", main: "main.cjs" }));
  writeChanged(join(into, "host.json"), readFileSync(join(root, "host.json")));
}

const commonJs: BuildOptions = {
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  // ES modules among the dependencies read import.meta.url, which CommonJS lacks.
  define: { "import.meta.url": "urlOfBundle" },
  banner: { js: 'const urlOfBundle = require("node:url").pathToFileURL(__filename).href;' },
};

async function bundle(into: string, lazy: LazyModules, options: BuildOptions): Promise<void> {
  const common: BuildOptions = {
    absWorkingDir: root,
    outdir: into,
    bundle: true,
    platform: "node",
    ...(options.target !== undefined && { target: options.target }),
    minify: true,
    // Stack traces and the names of errors stay those of the sources.
    keepNames: true,
    legalComments: "linked",
    logLevel: "warning",
  };
  await write({ ...common, ...options, plugins: [lazyModules(lazy), englishZod] });
  for (const [file, packages] of Object.entries(lazy)) {
    const stdin = { contents: lazyFile(packages), resolveDir: root, sourcefile: `${file}.cjs` };
    // Some packages are there as ES modules only.
    await write({ ...common, ...commonJs, stdin, entryNames: file, conditions: ["import"] });
  }
}

async function write(options: BuildOptions): Promise<void> {
  const { outputFiles } = await build({ ...options, write: false });
  for (const { path, contents } of outputFiles) writeChanged(path, contents);
}

/** Leaves equal files alone and replaces others at once, so that nobody reads half a bundle. */
function writeChanged(path: string, contents: Uint8Array | string): void {
  const bytes = Buffer.from(contents);
  if (readIfThere(path)?.equals(bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${String(process.pid)}`;
  writeFileSync(unfinished, bytes);
  renameSync(unfinished, path);
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

if (import.meta.main) {
  const builds = { action: buildAction, functions: buildFunctions };
  const wanted = process.argv.slice(2);
  for (const [name, run] of Object.entries(builds)) {
    if (wanted.length === 0 || wanted.includes(name)) await run();
  }
}
