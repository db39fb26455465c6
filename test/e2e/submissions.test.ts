import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { localPublisher, writeProfile } from "../../local/profiles.ts";
import { localJob } from "../../local/local-azure.ts";
import { documentProblems } from "../contracts/api-document.ts";
import { backstage, startDeployment } from "./a-deployment.ts";
import { askAs, manifestFor, type Told } from "./a-submission.ts";

type Deployment = Awaited<ReturnType<typeof startDeployment>>;

const MiB = 1024 * 1024;
const VERSION = "/api/applications/flooperapp/versions/1.2.0";
const bytes = Buffer.alloc(20 * MiB + 7, "0123456789abcdef-");
const sha256 = createHash("sha256").update(bytes).digest("hex");

describe("a submission through the deployed pipeline", () => {
  let deployment: Deployment;
  const problems: string[] = [];

  beforeAll(async () => {
    deployment = await startDeployment();
    await writeProfile(deployment.azure, "flooperapp", {
      ...{ schema: 1, supportedOSType: "Linux", install: "./install.sh", remove: "./remove.sh" },
      publishers: [localPublisher(deployment.azure)],
    });
  });
  afterAll(() => deployment.stop());

  async function ask(method: string, path: string, body?: unknown, job = localJob): Promise<Told> {
    const answer = await askAs(job, deployment.azure, method, path, body);
    problems.push(...documentProblems({ method, path, ...answer }));
    return answer;
  }

  async function asOperator(method: string, path: string, body?: object): Promise<Told> {
    const { azure } = deployment;
    const token = await azure.identity.tokenFor(azure.identities.operator, azure.deployment.apiAudience);
    const response = await fetch(`${azure.host.url}${path}`, {
      ...{ method, headers: { authorization: `Bearer ${token}` } },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = { status: response.status, headers: response.headers, body: await response.json() };
    problems.push(...documentProblems({ method, path, ...answer }));
    return answer;
  }

  // A caller's requests are counted by the minute of this machine's clock, not of the local Azure's.
  const pause = (): Promise<unknown> => setTimeout(1000);

  async function ended(location: string): Promise<any> {
    for (;;) {
      const { status, body } = await ask("GET", location);
      if (status === 200 && body.endedAt !== null) return body;
      await pause();
    }
  }

  async function open(): Promise<{ path: string; submission: string; blockBytes: number }> {
    const files = [{ file: "flooper.tar.gz", size: bytes.length }];
    const opened = await ask("POST", `${VERSION}/submissions`, { files });
    expect(opened.status).toBe(201);
    return { path: opened.headers.get("location") ?? "", ...opened.body };
  }

  function block(number: number, blockBytes: number): Buffer {
    return bytes.subarray(number * blockBytes, (number + 1) * blockBytes);
  }

  it("is published, with nothing but the job's own token", async () => {
    const { path, submission, blockBytes } = await open();
    const file = `${path}/files/flooper.tar.gz`;
    await Promise.all(
      [2, 0].map((number) => ask("PUT", `${file}/blocks/${number}`, block(number, blockBytes))),
    );
    expect((await ask("GET", path)).body.files[0].received).toEqual([0, 2]);
    await ask("PUT", `${file}/blocks/1`, block(1, blockBytes));
    expect((await ask("PUT", file, { size: bytes.length, sha256 })).status).toBe(200);
    const said = { tags: { "submitted-by.actor": "me" }, claims: { repository: "somebody/else" } };
    const committed = await ask("PUT", `${path}/manifest`, manifestFor("1.2.0", bytes, said));
    expect(committed).toMatchObject({ status: 202, body: { submission } });
    const status = await ended(committed.headers.get("location") ?? "");

    expect(status).toMatchObject({ outcome: "published", sha256, size: bytes.length });
    expect(status.submitted.by).toMatchObject({ kind: "github", repository: localJob.repository });
    const { azure } = deployment;
    const version = azure.arm.state.version(`${azure.ids.gallery}/applications/flooperapp/versions/1.2.0`);
    expect(version?.tags).toMatchObject({
      "submitted-by.repository": `${localJob.repository} (id ${localJob.repositoryId})`,
      "submitted-by.actor": "octocat (id 583231)",
    });
  });

  it("leaves nothing behind of a block that broke off", async () => {
    const { path, blockBytes, submission } = await open();
    const { azure } = deployment;
    const token = await azure.identity.github.tokenFor(localJob, azure.deployment.githubAudience);
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1000));
        controller.error(new Error("cut"));
      },
    });
    const sending = fetch(`${azure.host.url}${path}/files/flooper.tar.gz/blocks/0`, {
      ...{ method: "PUT", body: broken, duplex: "half" },
      headers: { authorization: `Bearer ${token}` },
    });
    await expect(sending).rejects.toThrow();
    expect((await ask("GET", path)).body.files[0].received).toEqual([]);
    const sent = await ask("PUT", `${path}/files/flooper.tar.gz/blocks/0`, block(0, blockBytes));
    expect(sent.status).toBe(200);
    const blob = backstage(azure, "incoming").getBlobClient(`flooperapp/1.2.0/${submission}/flooper.tar.gz`);
    expect(await blob.exists()).toBe(false);
  });

  it("waits for an approval when somebody put it into the drop box directly", async () => {
    const { azure } = deployment;
    const version = "/api/applications/flooperapp/versions/1.3.0";
    const folder = `run-1-1-0a1b2c3d`;
    const incoming = backstage(azure, "incoming");
    const path = `flooperapp/1.3.0/${folder}`;
    await incoming.getBlockBlobClient(`${path}/flooper.tar.gz`).upload("by hand", 7);
    const manifest = JSON.stringify(manifestFor("1.3.0", Buffer.from("by hand"), { install: "./new.sh" }));
    await incoming.getBlockBlobClient(`${path}/manifest.json`).upload(manifest, manifest.length);
    const job = { ...localJob };
    const status = `${version}?submission=${folder}`;
    let seen = await ask("GET", status, undefined, job);
    while (seen.body.outcome !== "awaiting-approval") {
      await pause();
      seen = await ask("GET", status, undefined, job);
    }
    const approval = `${version}/submissions/${folder}/approval`;
    const shown = await asOperator("GET", approval);
    expect(shown.body).toMatchObject({
      commands: { install: "./new.sh", remove: "./remove.sh" },
      submitted: null,
      previous: { version: "1.2.0" },
    });
    const { manifestSha256 } = shown.body;
    expect((await asOperator("POST", approval, { manifestSha256 })).status).toBe(202);
    expect(await ended(status)).toMatchObject({ outcome: "published", approval: { manifestSha256 } });
  });

  it("is refused to another repository of the same name", async () => {
    const job = { ...localJob, repositoryId: "999" };
    const files = [{ file: "flooper.tar.gz", size: 3 }];
    const refused = await ask("POST", `${VERSION}/submissions`, { files }, job);
    expect(refused).toMatchObject({ status: 403, body: { code: "not-a-publisher" } });
    expect((await ask("GET", VERSION, undefined, job)).status).toBe(403);
  });

  it("does no harm to the host, whatever is sent instead", async () => {
    const { azure } = deployment;
    const token = await azure.identity.github.tokenFor(localJob, azure.deployment.githubAudience);
    const { path, submission } = await open();
    const odd: [string, string, RequestInit][] = [
      ["POST", `${VERSION}/submissions`, { body: "[".repeat(60_000) }],
      ["POST", `${VERSION}/submissions`, { body: new Uint8Array(3 * MiB) }],
      ["PUT", `${path}/files/flooper.tar.gz/blocks/0`, { body: new Uint8Array(9 * MiB) }],
      ["PUT", `${path}/files/flooper.tar.gz/blocks/0`, {}],
      ["PUT", `${path}/files/%2e%2e%2fx/blocks/0`, { body: "x" }],
      ["PUT", `${path}/files/flooper.tar.gz/blocks/99999`, { body: "x" }],
      ["PUT", `${path}/manifest`, { body: "\0" }],
      ["GET", `${VERSION}/submissions/..%2f..%2frelease`, {}],
      ["GET", `${VERSION}/submissions/${"x".repeat(3000)}`, {}],
      ["PUT", path, { body: "x" }],
      ["DELETE", path, {}],
    ];
    const statuses: number[] = [];
    for (let round = 0; round < 3; round++) {
      const answers = odd.map(async ([method, target, init]) => {
        const headers = { authorization: `Bearer ${token}` };
        const response = await fetch(`${azure.host.url}${target}`, { ...init, method, headers });
        await response.arrayBuffer();
        return response.status;
      });
      statuses.push(...(await Promise.all(answers)));
    }
    expect(statuses.filter((status) => status < 400 || status >= 500)).toEqual([]);
    // So many requests may be more than the job's minute has room for, so it is another who asks.
    expect((await asOperator("GET", VERSION)).status).toBe(200);
    const blob = `flooperapp/1.2.0/${submission}/flooper.tar.gz`;
    const blocks = backstage(azure, "incoming").getBlockBlobClient(blob).getBlockList("uncommitted");
    await expect(blocks).rejects.toMatchObject({ statusCode: 404 });
  });

  it("is answered as the document says", () => {
    expect(problems).toEqual([]);
  });
});
