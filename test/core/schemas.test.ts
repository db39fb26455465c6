import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parseManifest } from "../../core/manifest.ts";
import { parseProfile } from "../../core/profile.ts";
import { renderSchemas } from "../../scripts/schemas.ts";
import { aManifest } from "./samples.ts";

const fileOf = (name: string) => readFileSync(join(import.meta.dirname, "../../schemas", name), "utf8");

function validatorOf(name: string) {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(JSON.parse(fileOf(name)) as object);
}

const passes = (read: () => unknown): boolean => {
  try {
    read();
    return true;
  } catch {
    return false;
  }
};

describe("schemas/", () => {
  it("is what core describes", async () => {
    for (const { path, text } of await renderSchemas()) expect(readFileSync(path, "utf8")).toBe(text);
  });

  it.each(["manifest", "profile", "vmapp"])(
    "has an id, a title and a description for each field of %s",
    (name) => {
      const schema = JSON.parse(fileOf(`${name}.schema.json`));

      expect(schema.$id).toBe(`urn:azure-vm-application-publisher:${name}:1`);
      expect(schema.title).toMatch(/\w/);
      for (const field of Object.values<any>(schema.properties)) expect(field.description).toMatch(/\.$/);
    },
  );

  it.each([
    ["a manifest", {}, true],
    ["regions by name", { targetRegions: ["East US 2", "westus"] }, true],
    ["regions as objects", { targetRegions: [{ name: "eastus", regionalReplicaCount: 2 }] }, true],
    ["a time", { endOfLifeDate: "2030-01-31T00:00:00Z" }, true],
    ["an editor's schema", { $schema: "../manifest.schema.json" }, true],
    ["a number for a region", { targetRegions: [5] }, false],
    ["an unknown field", { instal: "x" }, false],
    ["a day for a time", { endOfLifeDate: "2030-01-31" }, false],
    ["a bad version", { version: "1.2" }, false],
    ["a bad name", { application: "-x" }, false],
    ["a path for a file", { package: { file: "../x" } }, false],
    ["a newer manifest", { schema: 2 }, false],
    ["a long command", { install: "x".repeat(4097) }, false],
    ["a bad tag", { tags: { "a<b": "" } }, false],
  ])("agrees with the code on %s", (_, over, good) => {
    const manifest = { ...aManifest(), ...over };

    expect(validatorOf("manifest.schema.json")(manifest)).toBe(good);
    expect(passes(() => parseManifest(JSON.stringify(manifest)))).toBe(good);
  });

  it.each([
    [{ supportedOSType: "Linux" }, true],
    [{ supportedOSType: "Linux", patienceMinutes: 5 }, true],
    [{ supportedOSType: "BSD" }, false],
    [{}, false],
    [{ supportedOSType: "Linux", settlingSeconds: 1 }, false],
  ])("agrees with the code on the profile %j", (over, good) => {
    const profile = { schema: 1, ...over };

    expect(validatorOf("profile.schema.json")(profile)).toBe(good);
    expect(passes(() => parseProfile(JSON.stringify(profile), "a"))).toBe(good);
  });
});
