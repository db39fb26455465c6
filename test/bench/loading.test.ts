import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadFunctions } from "../../bench/function-load.ts";

const dist = join(import.meta.dirname, "../../dist");

// Counts, not seconds: what is read before there is work to do.

describe("the function bundle", () => {
  it("loads nothing but itself before the first event", () => {
    const { files } = loadFunctions(join(dist, "functions/main.cjs"));

    expect(files).toEqual([join(dist, "functions/main.cjs")]);
  });

  it("is small where it is always read", () => {
    expect(statSync(join(dist, "functions/main.cjs")).size).toBeLessThan(800_000);
  });
});

describe("the Action's bundle", () => {
  it("is small where it is always read", () => {
    expect(statSync(join(dist, "action/main.js")).size).toBeLessThan(280_000);
  });

  it("keeps what few jobs need in files of its own", () => {
    expect(readdirSync(join(dist, "action")).filter((name) => name.endsWith(".cjs"))).toEqual([
      "azure-sdks.cjs",
      "github.cjs",
      "http-proxy.cjs",
      "yaml.cjs",
    ]);
  });
});
