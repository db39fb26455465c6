import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { root, tracked } from "./tracked-files.ts";

interface Package {
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly link?: boolean;
}

const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
  packages: Record<string, Package & { dependencies?: Record<string, string> }>;
};
/** What the bundles are made of, by their paths: whoever adds a package adds all that it needs. */
const shipped = Object.entries(lock.packages).filter(
  ([path, { dev = false, link = false }]) => path.startsWith("node_modules/") && !dev && !link,
);
const MOST_SHIPPED = 185;

describe("the packages that are shipped", () => {
  it(`are at most ${MOST_SHIPPED}`, () => {
    expect(shipped.length).toBeGreaterThan(50);
    expect(shipped.length).toBeLessThanOrEqual(MOST_SHIPPED);
  });

  it("run nothing when they are installed", () => {
    expect(shipped.filter(([, { hasInstallScript = false }]) => hasInstallScript)).toEqual([]);
  });

  it("are locked with their digests", () => {
    expect(shipped.filter(([, { integrity = "" }]) => !integrity.startsWith("sha512-"))).toEqual([]);
  });

  it("unpack no archives", () => {
    const names = shipped.map(([path]) => path.replace(/^.*node_modules\//, ""));

    expect(names.filter(isUnpacker)).toEqual([]);
    expect(["adm-zip", "tar-stream", "@zip.js/zip.js", "jszip"].filter(isUnpacker)).toHaveLength(4);
  });

  it("are the only ones that shipped code imports, and it unpacks nothing itself", () => {
    const { dependencies = {} } = lock.packages[""] ?? {};
    const strangers = tracked(/^(?:action|core|functions)\/.*\.ts$/).flatMap(({ path, lines }) =>
      [...lines.join("\n").matchAll(/(?:from|import\() ?"([^."][^"]*)"/g)]
        .map(([, name = ""]) => name)
        .filter((name) => (isBuiltin(name) ? name.includes("zlib") : !(packageOf(name) in dependencies)))
        .map((name) => `${path} imports ${name}`),
    );

    expect(strangers).toEqual([]);
  });
});

describe("the bundles", () => {
  it("are the same bytes wherever they are built", () => {
    const folder = mkdtempSync(join(tmpdir(), "built-again-"));
    try {
      const script =
        'const { buildAction, buildFunctions } = await import("./scripts/build.ts");' +
        'await buildAction(process.argv[1] + "/action"); await buildFunctions(process.argv[1] + "/functions");';
      execFileSync(process.execPath, ["--input-type=module", "--eval", script, folder], { cwd: root });

      expect(filesIn(folder)).toContain("functions/main.cjs");
      expect(filesIn(folder).filter((file) => !isBuiltSo(file, folder))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);
});

function isUnpacker(name: string): boolean {
  return /zip|\b(?:un)?(?:tar|rar|7z)\b|archive|decompress|yauzl|fflate|pako/.test(name);
}

function packageOf(name: string): string {
  return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function isBuiltSo(file: string, folder: string): boolean {
  return readFileSync(join(folder, file)).equals(readFileSync(join(root, "dist", file)));
}
