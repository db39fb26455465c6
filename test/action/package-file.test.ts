import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { findFile } from "../../action/package-file.ts";
import { Problem } from "../../core/problem.ts";
import { aWorkspace } from "./workspace.ts";

function problemOf(
  pattern: string,
  workspace: string,
  part: "package" | "configuration" = "package",
): Problem {
  try {
    findFile(pattern, part, workspace);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("the file was accepted");
}

describe("findFile", () => {
  it.each(["dist/app.deb", "dist/*.deb", "**/*.deb", "./dist/app.*"])("finds one file by %s", (pattern) => {
    const workspace = aWorkspace({ "dist/app.deb": "bytes", "dist/notes.txt": "n" });
    const file = findFile(pattern.replace("app.*", "app.d*"), "package", workspace);

    expect(file).toEqual({ path: join(workspace, "dist/app.deb"), name: "app.deb", size: 5, warnings: [] });
  });

  it("takes a path that exists as it is, also when it reads like a pattern", () => {
    const workspace = aWorkspace({ "app+1.2@x.deb": "a", "[b]/c.deb": "b" });

    expect(findFile("[b]/c.deb", "package", workspace).name).toBe("c.deb");
  });

  it("takes a path outside the workspace when it says so itself", () => {
    const outside = join(aWorkspace({ "app.deb": "a" }), "app.deb");

    expect(findFile(outside, "package", aWorkspace()).path).toBe(outside);
  });

  it("lists what is there when nothing matches", () => {
    const problem = problemOf("dist/*.deb", aWorkspace({ "dist/app.rpm": "a" }));

    expect(problem.message).toMatch(/^package "dist\/\*\.deb" matches no file in .*; dist has "app\.rpm"$/);
    expect(problem.nextStep).toMatch(/actions\/checkout/);
  });

  it("lists the files when several match", () => {
    const problem = problemOf("*.deb", aWorkspace({ "b.deb": "b", "a.deb": "a" }));

    expect(problem.message).toBe('package "*.deb" matches 2 files, not one: "a.deb", "b.deb"');
  });

  it.each<[string, string | number, RegExp]>([
    ["app.deb", "", /package "app\.deb" is empty/],
    ["app.deb", 2_147_483_649, /has 2147483649 bytes; Azure takes at most 2147483648/],
    ["manifest.json", "{}", /"manifest\.json": the name is the name of the manifest/],
    ["app$(id).deb", "a", /the name may have only/],
    ["con.deb", "a", /device name/],
  ])("refuses the package %s", (name, content, message) => {
    expect(problemOf(name, aWorkspace({ [name]: content })).message).toMatch(message);
  });

  it("refuses a configuration above 1 GiB", () => {
    const problem = problemOf("a.json", aWorkspace({ "a.json": 1_073_741_825 }), "configuration");

    expect(problem.message).toMatch(/at most 1073741824/);
  });

  it("warns above 2,000,000,000 bytes", () => {
    const file = findFile("app.deb", "package", aWorkspace({ "app.deb": 2_147_483_648 }));

    expect(file.warnings).toEqual([expect.stringMatching(/2147483648 bytes: Azure's limit is "2 GB"/)]);
  });

  it.each(["dist", "dis*"])("refuses the directory %s", (pattern) => {
    expect(problemOf(pattern, aWorkspace({ "dist/app.deb": "a" })).message).toMatch(/is a directory/);
  });

  it("refuses a link that leaves the workspace", () => {
    const workspace = aWorkspace();
    symlinkSync(join(aWorkspace({ secret: "s" }), "secret"), join(workspace, "app.deb"));

    expect(problemOf("app.deb", workspace).message).toMatch(/symbolic link that leaves the workspace/);
    expect(problemOf("*.deb", workspace).message).toMatch(/symbolic link that leaves the workspace/);
  });

  it("refuses a link in a folder that leaves the workspace", () => {
    const workspace = aWorkspace();
    symlinkSync(aWorkspace({ "app.deb": "s" }), join(workspace, "dist"));

    expect(problemOf("dist/app.deb", workspace).message).toMatch(/leaves the workspace/);
  });

  it("follows a link that stays inside", () => {
    const workspace = aWorkspace({ "app-1.2.0.deb": "bytes" });
    symlinkSync("app-1.2.0.deb", join(workspace, "app.deb"));

    expect(findFile("app.deb", "package", workspace)).toMatchObject({
      name: "app.deb",
      path: join(workspace, "app-1.2.0.deb"),
    });
  });

  it("refuses a link to nothing", () => {
    const workspace = aWorkspace();
    symlinkSync("gone", join(workspace, "app.deb"));

    expect(problemOf("app.deb", workspace).message).toMatch(/symbolic link to nothing/);
  });
});
