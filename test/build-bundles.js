import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Builds both bundles once per run, before the first test. */
export default function buildBundles({ rootDir }) {
  const wanted = ["action", "functions"].filter((name) => existsSync(`${rootDir}/${name}/main.ts`));
  if (wanted.length > 0) {
    execFileSync(process.execPath, ["scripts/build.ts", ...wanted], { cwd: rootDir, stdio: "inherit" });
  }
}
