import { posix, win32 } from "node:path";
import fc from "fast-check";
import { fileNameFault, isSameFileName, packageNameFault } from "../../core/file-name.ts";

const nasty = fc.string({
  unit: fc.constantFrom("a", "Z", "7", ".", "-", "_", " ", "/", "\\", ":", "~", "\0", "\n", "é", "%", "con"),
  maxLength: 12,
});

describe("fileNameFault", () => {
  it.each([
    "a",
    "app.tar.gz",
    "My App 1.2+b3@x64~1.msi",
    "console.exe",
    "com10.exe",
    "nul1",
    "a".repeat(200),
  ])("takes %s", (name) => {
    expect(fileNameFault(name)).toBeUndefined();
  });

  it.each([
    ["", "is empty"],
    ["a/b", "path separator"],
    ["a\\b", "path separator"],
    ["C:x", "colon"],
    ["../x", "path separator"],
    ["..", "begins with"],
    [".", "begins with"],
    [".bashrc", "begins with"],
    ["-rf", "begins with"],
    ["~root", "begins with"],
    ["a\0b", "may have only"],
    ["a\nb", "may have only"],
    ["a%2e", "may have only"],
    ["$(id)", "may have only"],
    ["aé", "may have only"],
    ["a.", "ends with"],
    ["a ", "ends with"],
    ["CON", "device name"],
    ["nul.txt", "device name"],
    ["NUL .txt", "device name"],
    ["com1.tar.gz", "device name"],
    ["LPT9", "device name"],
    ["a".repeat(201), "has 201 characters, more than 200"],
  ])("refuses %j: %s", (name, fault) => {
    expect(fileNameFault(name)).toContain(fault);
  });

  it("takes only names that stay in their folder on Linux and Windows", () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string()), (name) => {
        fc.pre(fileNameFault(name) === undefined);
        expect(posix.resolve("/work", name)).toBe(`/work/${name}`);
        expect(win32.resolve("C:\\work", name)).toBe(`C:\\work\\${name}`);
        expect(name.trim()).toBe(name);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("packageNameFault", () => {
  it.each([
    ["manifest.json", "is the name of the manifest"],
    ["MANIFEST.json", "is the name of the manifest"],
    ["app.sigstore.json", "is the name of an attestation"],
    ["App.Sigstore.JSON", "is the name of an attestation"],
    ["a/b", "path separator"],
  ])("refuses %j: %s", (name, fault) => {
    expect(packageNameFault(name)).toContain(fault);
  });

  it("takes other JSON files", () => {
    expect(packageNameFault("settings.json")).toBeUndefined();
  });
});

describe("isSameFileName", () => {
  it("knows that Windows does not tell case apart", () => {
    expect(isSameFileName("App.MSI", "app.msi")).toBe(true);
    expect(isSameFileName("app.msi", "app2.msi")).toBe(false);
  });
});
