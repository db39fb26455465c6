import { createHash } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AzureRefusal } from "../../action/azure-refusal.ts";
import { fileSource } from "../../action/file-source.ts";
import { findFile } from "../../action/package-file.ts";
import type { Pipeline } from "../../action/pipeline.ts";
import { createPipelineIntake } from "../../action/pipeline-intake.ts";
import { parseManifest } from "../../core/manifest.ts";
import { Problem } from "../../core/problem.ts";
import { aRun, aWorld, someInputs } from "./fake-world.ts";
import { FakeSubmissions } from "./fake-submissions.ts";
import { aWorkspace } from "./workspace.ts";

const bytes = Buffer.from(Array.from({ length: 4321 }, (_, at) => at % 251));
const digest = createHash("sha256").update(bytes).digest("hex");
const away = new AzureRefusal({
  kind: "transient",
  reason: { code: "pipeline-unreachable", message: "no answer", nextStep: "Wait." },
});

function aJob() {
  const workspace = aWorkspace({ "app.deb": "x", "app.json": "{}" });
  writeFileSync(join(workspace, "app.deb"), bytes);
  const controller = new AbortController();
  const world = aWorld();
  const bundles: string[] = [];
  const tools = { ...world, signal: controller.signal, githubBundles: async () => bundles };
  const submissions = new FakeSubmissions();
  // Only the submissions are asked for here.
  const intake = createPipelineIntake(
    "https://pipeline.example",
    { status: {} as Pipeline, submissions },
    tools,
  );
  const sourceOf = (name: string, part: "package" | "configuration") =>
    fileSource(findFile(name, part, workspace));
  const sources = {
    package: sourceOf("app.deb", "package"),
    configuration: sourceOf("app.json", "configuration"),
  };
  const submit = (inputs = {}) => intake.submit(someInputs(inputs), sources, aRun(workspace));
  return {
    workspace,
    world,
    submissions,
    submit,
    bundles,
    cancel: () => controller.abort(new Error("cancelled")),
  };
}

describe("createPipelineIntake", () => {
  it("sends each file in the blocks that the pipeline wants, and the manifest last", async () => {
    const { submit, submissions, world } = aJob();

    const { submission } = await submit();

    const kept = submissions.kept.get(submission);
    expect(kept?.blocks.size).toBe(6);
    expect(submissions.arrived(submission, "app.deb")).toBe(digest);
    expect(parseManifest(kept?.manifest ?? "").package).toEqual({
      file: "app.deb",
      size: 4321,
      sha256: digest,
    });
    expect(world.facts()).toMatchObject({ sha256: digest, submission, outcome: "waiting" });
  });

  it("goes on with what an attempt before it left, and sends no block twice", async () => {
    const { submit, submissions, world } = aJob();
    submissions.refuse("commitFile", new Problem("x", "the machine of the pipeline burnt", "Run again."));
    await expect(submit()).rejects.toThrow("burnt");
    submissions.lose("app.deb:3");

    const { submission } = await submit();

    expect(submissions.arrived(submission, "app.deb")).toBe(digest);
    expect(submissions.kept.size).toBe(1);
    expect(submissions.taken.filter((block) => block === "app.deb:3")).toHaveLength(2);
    expect(submissions.taken.filter((block) => block === "app.deb:0")).toHaveLength(1);
    expect(world.lines).toContain("app.deb: 4 of 5 blocks have arrived before");
  });

  it("sends blocks again that were lost before the commit", async () => {
    const { submit, submissions } = aJob();
    const commit = submissions.commitFile.bind(submissions);
    let losing = true;
    submissions.commitFile = async (...file) => {
      if (losing) submissions.lose("app.deb:2");
      losing = false;
      return commit(...file);
    };

    const { submission } = await submit();

    expect(submissions.arrived(submission, "app.deb")).toBe(digest);
    expect(submissions.taken.filter((block) => block.startsWith("app.deb"))).toHaveLength(6);
  });

  it("asks again while the pipeline is away", async () => {
    const { submit, submissions, world } = aJob();
    for (const operation of ["open", "sendBlock", "commitFile", "commit"] as const) {
      submissions.refuse(operation, away);
    }

    await submit();

    expect(world.lines.filter((line) => line.includes("trying again"))).toHaveLength(4);
  });

  it("hands over nothing of a file that changed while it was sent", async () => {
    const { submit, submissions, workspace } = aJob();
    const send = submissions.sendBlock.bind(submissions);
    submissions.sendBlock = async (...sent) => {
      appendFileSync(join(workspace, "app.deb"), "more");
      return send(...sent);
    };

    await expect(submit()).rejects.toMatchObject({ code: "file-changed" });
    expect([...submissions.kept.values()].map(({ manifest }) => manifest)).toEqual([undefined]);
  });

  it("hands over nothing once the job is cancelled", async () => {
    const { submit, submissions, cancel, world } = aJob();
    cancel();

    await expect(submit()).rejects.toThrow("cancelled");
    expect([...submissions.kept.values()].map(({ manifest }) => manifest)).toEqual([undefined]);
    expect(world.facts()).not.toHaveProperty("submission");
  });

  it.each(["bundle.json", "github"])(
    "sends the attestation of %s beside the package",
    async (attestation) => {
      const payload = Buffer.from(JSON.stringify({ subject: [{ digest: { sha256: digest } }] })).toString(
        "base64",
      );
      const bundle = JSON.stringify({ dsseEnvelope: { payload } });
      const { submit, submissions, workspace, bundles } = aJob();
      writeFileSync(join(workspace, "bundle.json"), bundle);
      bundles.push(JSON.stringify({ dsseEnvelope: {} }), bundle);

      const { submission } = await submit({ attestation });

      const sent = submissions.arrived(submission, "app.deb.sigstore.json");
      expect(sent).toBe(createHash("sha256").update(bundle).digest("hex"));
    },
  );

  it("sends nothing when GitHub has no attestation of the package", async () => {
    const { submit, submissions } = aJob();

    await expect(submit({ attestation: "github" })).rejects.toMatchObject({ code: "no-attestation" });
    expect(submissions.kept.size).toBe(0);
  });
});
