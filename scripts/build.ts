import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type BuildOptions } from "esbuild";

const root = join(import.meta.dirname, "..");

/** Bundles the Action into `<into>/main.js`, an ES module for the `node24` runtime of GitHub's runners. */
export async function buildAction(into = join(root, "dist/action")): Promise<void> {
  await bundle({
    entryPoints: [join(root, "action/main.ts")],
    outfile: join(into, "main.js"),
    format: "esm",
    target: "node24",
    // CommonJS dependencies inside an ES module still call require() for Node's own modules.
    banner: {
      js: 'import { createRequire as createRequireOfBundle } from "node:module";\nconst require = createRequireOfBundle(import.meta.url);',
    },
  });
  writeChanged(join(into, "package.json"), json({ private: true, type: "module" }));
}

/** Bundles the function app into `<into>`, a folder that Azure Functions takes as it is. */
export async function buildFunctions(into = join(root, "dist/functions")): Promise<void> {
  await bundle({
    entryPoints: [join(root, "functions/main.ts")],
    outfile: join(into, "main.cjs"),
    format: "cjs",
    target: "node22",
    // The Functions worker provides this module to `require` at run time; it is no npm package.
    external: ["@azure/functions-core"],
    // ES modules among the dependencies read import.meta.url, which CommonJS lacks.
    define: { "import.meta.url": "urlOfBundle" },
    banner: { js: 'const urlOfBundle = require("node:url").pathToFileURL(__filename).href;' },
  });
  writeChanged(join(into, "package.json"), json({ private: true, type: "commonjs", main: "main.cjs" }));
  writeChanged(join(into, "host.json"), readFileSync(join(root, "host.json")));
}

async function bundle(options: BuildOptions & { outfile: string }): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    legalComments: "linked",
    logLevel: "warning",
    ...options,
    write: false,
  });
  for (const file of outputFiles) writeChanged(file.path, file.contents);
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
