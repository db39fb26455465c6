import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

// turbo asks for its telemetry and daemon settings in the environment, which npm scripts cannot set portably.
const quiet = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1", DO_NOT_TRACK: "1" };

const turbo = createRequire(import.meta.url).resolve("turbo/bin/turbo");
const { status, error } = spawnSync(process.execPath, [turbo, "run", ...process.argv.slice(2)], {
  env: { ...process.env, ...quiet },
  stdio: "inherit",
});
if (error) throw error;
process.exitCode = status ?? 1;
