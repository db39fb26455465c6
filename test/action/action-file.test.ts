import { readInputs } from "../../action/inputs.ts";
import { readOperationInputs } from "../../action/operation-inputs.ts";
import { outputNames } from "../../action/outputs.ts";
import { readActionFile } from "./action-file.ts";
import { aRun } from "./fake-world.ts";
import { aWorkspace } from "./workspace.ts";

describe("action.yml", () => {
  it("has exactly the inputs that the code reads", () => {
    const asked = new Set<string>();
    const given: Record<string, string> = {
      "storage-account": "vmappackages",
      application: "a",
      version: "1.0.0",
    };
    const input = (name: string): string => {
      asked.add(name);
      return given[name] ?? (name === "package" ? "app.deb" : "");
    };

    readInputs(input, aRun(aWorkspace()), undefined);
    given["pipeline-url"] = "https://pipeline.example";
    given["pipeline-audience"] = "api://pipeline";
    readOperationInputs("status", input, aRun(aWorkspace()), undefined);

    expect([...asked].sort()).toEqual(Object.keys(readActionFile().inputs).sort());
  });

  it("has exactly the outputs that the code sets", () => {
    expect(Object.keys(readActionFile().outputs)).toEqual([...outputNames]);
  });

  it("describes every input and output in a sentence", () => {
    const { inputs, outputs } = readActionFile();
    const descriptions = [...Object.values(inputs), ...Object.values(outputs)].map(
      ({ description }) => description,
    );

    expect(descriptions.filter((text) => !/^\S.*[.]$/s.test(text.trim()))).toEqual([]);
  });

  it("runs the bundle on Node 24", () => {
    expect(readActionFile().runs).toEqual({ using: "node24", main: "dist/action/main.js" });
  });

  it("gives defaults that the code takes", () => {
    const { inputs } = readActionFile();
    const given: Record<string, string> = {
      "storage-account": "vmappackages",
      application: "a",
      version: "1.0.0",
    };
    const input = (name: string): string =>
      given[name] ?? inputs[name]?.default ?? (name === "package" ? "a" : "");

    const parsed = readInputs(input, aRun(aWorkspace()), undefined);

    expect(parsed).toMatchObject({ wait: "published", timeoutSeconds: 7200 });
  });
});
