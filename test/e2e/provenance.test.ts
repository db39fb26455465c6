import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containers } from "../../core/naming.ts";
import { parseReport } from "../../core/report.ts";
import { galleryAssignments } from "../../local/local-azure.ts";
import { writeProfile } from "../../local/profiles.ts";
import { rightBuild, rightPublisher, startSigstore } from "../functions/provenance/a-sigstore.ts";
import { aPackage, backstage, runAction, startDeployment } from "./a-deployment.ts";

describe("a release whose profile requires provenance", () => {
  let roots: string;
  let deployment: Awaited<ReturnType<typeof startDeployment>>;
  let sigstore: Awaited<ReturnType<typeof startSigstore>>;
  let sha256: string;

  beforeAll(async () => {
    roots = await mkdtemp(join(tmpdir(), "roots-"));
    sigstore = await startSigstore();
    await writeFile(join(roots, "public-good.json"), JSON.stringify(sigstore.trustedRoot));
    deployment = await startDeployment({ settings: { TRUST_ROOTS: roots } });
    await writeProfile(deployment.azure, "flooperapp", {
      schema: 1,
      supportedOSType: "Linux",
      provenance: "require",
      publishers: [rightPublisher],
    });
    const bytes = await aPackage(deployment.workspace);
    sha256 = createHash("sha256").update(bytes).digest("hex");
  });
  afterAll(async () => {
    await deployment.stop();
    await rm(roots, { recursive: true });
  });

  /** Runs the Action with the attestation of a build that has these facts. */
  async function release(version: string, facts: Partial<typeof rightBuild>) {
    const { azure, workspace } = deployment;
    const bundle = await sigstore.attest({ sha256, facts });
    await writeFile(join(workspace, "attestation.json"), `${bundle}\n`);
    return runAction(azure, workspace, { with: { version, attestation: "attestation.json" } });
  }

  it("ends published when the attestation is a publisher's, and tells of the build", async () => {
    const { azure } = deployment;
    const step = await release("1.2.0", {});
    const { provenance } = parseReport(step.outputs["report"] ?? "");
    expect(step.outputs["outcome"]).toBe("published");
    expect(provenance).toMatchObject({
      repositoryId: "1001",
      commit: rightBuild.commit,
      packageSha256: sha256,
    });
    const path = new URL(provenance?.attestationUrl ?? "").pathname.split(`/${containers.vault}/`)[1] ?? "";
    const kept = await backstage(azure, containers.vault)
      .getBlobClient(decodeURIComponent(path))
      .downloadToBuffer();
    expect(JSON.parse(kept.toString())).toHaveProperty("dsseEnvelope");
    expect(step.summary).toContain(rightBuild.commit);
  });

  it("ends refused when it is of another repository, and grants nothing", async () => {
    const { azure } = deployment;
    const step = await release("1.3.0", { ...atTag("v1.3.0"), repositoryId: "2002" });
    expect(step.outputs["outcome"]).toBe("refused");
    expect(step.lines.join("\n")).toContain('repository id is "2002", not "1001"');
    expect(
      azure.arm.state.version(`${azure.ids.gallery}/applications/flooperapp/versions/1.3.0`),
    ).toBeUndefined();
    expect(galleryAssignments(azure)).toEqual([]);
  });
});

function atTag(tag: string): Partial<typeof rightBuild> {
  const workflow = rightBuild.signer.replace("v1.2.0", tag);
  return { ref: `refs/tags/${tag}`, signer: workflow, buildSigner: workflow, buildConfig: workflow };
}
