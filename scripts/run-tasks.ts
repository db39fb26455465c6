import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

// `--quiet` shows what turbo printed only when a task failed; everything else goes to turbo.
const quiet = process.argv.includes("--quiet");
const tasks = process.argv.slice(2).filter((argument) => argument !== "--quiet");

// turbo asks for its telemetry and daemon settings in the environment, which npm scripts cannot set portably.
const environment = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1", DO_NOT_TRACK: "1" };

const turbo = createRequire(import.meta.url).resolve("turbo/bin/turbo");
const { status, error, stdout, stderr } = spawnSync(process.execPath, [turbo, "run", ...tasks], {
  env: { ...process.env, ...environment },
  stdio: quiet ? "pipe" : "inherit",
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
});
if (error) throw error;
if (quiet && status !== 0) console.error(`${stdout}${stderr}`);
process.exitCode = status ?? 1;
