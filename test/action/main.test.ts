import { outputNames } from "../../action/outputs.ts";
import { runAction } from "./run-action.ts";
import { aWorkspace } from "./workspace.ts";

const inputs = {
  "storage-account": "vmappackages",
  application: "flooperapp",
  package: "*.deb",
  "client-id": "c1",
  "tenant-id": "t1",
};
const event = { release: { tag_name: "v1.2.0" } };

describe("the bundled Action", () => {
  it("tells which permission is missing, with the lines to add, and sets every output", async () => {
    const result = await runAction({ inputs, event, workspace: aWorkspace({ "app.deb": "bytes" }) });

    expect(result.exitCode).toBe(1);
    expect(result.errors).toEqual([
      expect.stringMatching(/"id-token: write" is missing\nNext step: [^]*\n {6}id-token: write/),
    ]);
    expect(Object.keys(result.outputs).sort()).toEqual([...outputNames].sort());
    expect(result.outputs).toMatchObject({
      application: "flooperapp",
      version: "1.2.0",
      regions: "[]",
      report: "{}",
    });
    expect(result.summary).toMatch(/### ❌ flooperapp 1\.2\.0: not published/);
  });

  it("tells all bad inputs at once and needs nobody for it", async () => {
    const bad = { ...inputs, version: "v1.2.3-rc.1", wait: "::error::forged" };
    const result = await runAction({ inputs: bad, workspace: aWorkspace() });

    expect(result.exitCode).toBe(1);
    expect(result.errors).toHaveLength(1);
    expect(result.errors[0]).toMatch(
      /^2 things are wrong:\n- version "v1\.2\.3-rc\.1".*\n- input wait "::error::forged"/,
    );
    expect(result.stderr).toBe("");
  });

  it("refuses an empty package before it asks for any token", async () => {
    const result = await runAction({ inputs, event, workspace: aWorkspace({ "app.deb": "" }) });

    expect(result.errors[0]).toMatch(/package "\*\.deb" is empty\nNext step: /);
    expect(result.log).not.toMatch(/add-mask/);
  });
});
