// Preloaded into a process: names each file that it requires in the file REQUIRED_FILES, and Node's own HTTP client beside
// `node:https`, should the process have loaded it.
const { appendFileSync } = require("node:fs");
const Module = require("node:module");

const original = Module._load;
Module._load = function (id, parent, ...rest) {
  if (id.startsWith("./")) appendFileSync(process.env.REQUIRED_FILES, `${id}\n`);
  return original.call(this, id, parent, ...rest);
};

process.once("exit", () => {
  if (process.moduleLoadList.some((name) => name.endsWith("undici/undici"))) {
    appendFileSync(process.env.REQUIRED_FILES, "undici\n");
  }
});
