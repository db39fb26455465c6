import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { parseUpload } from "../../../core/upload.ts";
import { aManifest, aProfile } from "../a-world.ts";
import { jobsPublisher } from "../callers/a-github-issuer.ts";
import { anApi, type ApiAsk } from "./an-api.ts";

const MiB = 1024 * 1024;
const bytes = Buffer.alloc(8 * MiB + 5, "0123456789abcdef-");
const sha256 = createHash("sha256").update(bytes).digest("hex");
const first = bytes.subarray(0, 8 * MiB);
const last = bytes.subarray(8 * MiB);

async function aPublisher(profile: Record<string, unknown> = { publishers: [jobsPublisher] }) {
  const api = await anApi();
  api.world.packages.profiles.set("flooperapp", aProfile(profile));
  const authorization = `Bearer ${api.github.token()}`;
  const ask = (request: ApiAsk) => api.ask({ authorization, ...request });
  return {
    ...api,
    ask,
    /** Opens a submission and gives its id. */
    async open(request: Partial<ApiAsk> = {}): Promise<string> {
      const body = { files: [{ file: "app.tar.gz", size: bytes.length }] };
      return (await ask({ operation: "open", body, ...request })).body.submission;
    },
  };
}

type Publisher = Awaited<ReturnType<typeof aPublisher>>;

async function sendAll({ ask }: Publisher, submission: string): Promise<void> {
  await ask({ operation: "send", submission, block: 1, body: last });
  await ask({ operation: "send", submission, block: 0, body: first });
}

function commitBody(fields: object = {}): object {
  return { size: bytes.length, sha256, ...fields };
}

function theManifest(fields: Record<string, unknown> = {}): string {
  return aManifest({ package: { file: "app.tar.gz", size: bytes.length, sha256 }, ...fields });
}

describe("a submission through the endpoints", () => {
  it("arrives in the drop box, whole, with its manifest last", async () => {
    const api = await aPublisher();
    const submission = await api.open();
    await sendAll(api, submission);
    await api.ask({ operation: "commitFile", submission, body: commitBody() });
    const answer = await api.ask({ operation: "commit", submission, body: theManifest() });

    expect(answer).toMatchObject({
      status: 202,
      headers: { location: `/api/applications/flooperapp/versions/1.2.0?submission=${submission}` },
    });
    expect([...api.world.packages.dropped.keys()]).toEqual([
      `flooperapp/1.2.0/${submission}/app.tar.gz`,
      `flooperapp/1.2.0/${submission}/manifest.json`,
    ]);
    const dropped = api.world.packages.dropped.get(`flooperapp/1.2.0/${submission}/app.tar.gz`);
    expect(dropped?.bytes.equals(bytes)).toBe(true);
  });

  it("shows at any time what has arrived", async () => {
    const api = await aPublisher();
    const submission = await api.open();
    await api.ask({ operation: "send", submission, block: 1, body: last });
    const { body } = await api.ask({ operation: "see", submission });

    expect(body).toMatchObject({
      submission,
      blockBytes: 8 * MiB,
      manifestSha256: null,
      files: [{ file: "app.tar.gz", size: bytes.length, blocks: 2, received: [1], sha256: null }],
    });
  });

  it("stays what it is however often each request is repeated", async () => {
    const api = await aPublisher();
    const headers = { "idempotency-key": "one" };
    const submission = await api.open({ headers });
    expect(await api.open({ headers })).toBe(submission);
    const answers = [];
    for (let round = 0; round < 2; round++) {
      await sendAll(api, submission);
      answers.push((await api.ask({ operation: "commitFile", submission, body: commitBody() })).status);
    }
    for (let round = 0; round < 2; round++) {
      answers.push((await api.ask({ operation: "commit", submission, body: theManifest() })).status);
    }
    expect(answers).toEqual([200, 200, 202, 202]);
  });

  it("can be read from its status as soon as it is committed", async () => {
    const api = await aPublisher();
    const submission = await api.open();
    const before = await api.ask({ operation: "read", submission });
    await sendAll(api, submission);
    await api.ask({ operation: "commitFile", submission, body: commitBody() });
    await api.ask({ operation: "commit", submission, body: theManifest() });
    const after = await api.ask({ operation: "read", submission });

    expect(before.status).toBe(404);
    expect(after).toMatchObject({ status: 200, body: { outcome: "waiting", submission } });
  });

  it("keeps who was proven, apart from what the manifest says", async () => {
    const api = await aPublisher();
    const submission = await api.open();
    await sendAll(api, submission);
    await api.ask({ operation: "commitFile", submission, body: commitBody() });
    const text = theManifest({ claims: { repository: "somebody/else" } });
    await api.ask({ operation: "commit", submission, body: text });
    const kept = api.world.reports.blobs.get(`_submissions/flooperapp/1.2.0/${submission}.json`);

    expect(parseUpload(kept!.text)).toMatchObject({
      by: { kind: "github", repository: "contoso/flooper", repositoryId: "1001", runId: "4711" },
      manifestSha256: createHash("sha256").update(text).digest("hex"),
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ["another run", { run_id: "4712" }],
    ["another attempt of the run", { run_attempt: "2" }],
  ])("is nobody's but its opener's: %s finds nothing", async (_, claims) => {
    const api = await aPublisher();
    const submission = await api.open();
    const authorization = `Bearer ${api.github.token(claims)}`;
    const asks: ApiAsk[] = [
      { operation: "see", submission },
      { operation: "send", submission, block: 1, body: last },
      { operation: "commitFile", submission, body: commitBody() },
      { operation: "commit", submission, body: theManifest() },
    ];
    const statuses = [];
    for (const ask of asks) statuses.push((await api.ask({ ...ask, authorization })).status);
    expect(statuses).toEqual([404, 404, 404, 404]);
    expect(api.world.dropBox.staged.size).toBe(0);
  });

  it("is given up after a day", async () => {
    const api = await aPublisher();
    const submission = await api.open();
    api.passHours(25);
    const sent = await api.ask({ operation: "send", submission, block: 1, body: last });
    expect(sent).toMatchObject({ status: 410, body: { code: "submission-expired" } });
  });

  it("is reported as incomplete by the reconciler when nobody committed it", async () => {
    const api = await aPublisher();
    const submission = await api.open();
    await api.world.reconcile();
    expect((await api.ask({ operation: "read", submission })).status).toBe(404);
    api.world.clock.pass(25 * 3600);
    expect(await api.world.reconcile()).toContain("1 submissions were opened and never committed");
    expect((await api.ask({ operation: "read", submission })).body).toMatchObject({
      outcome: "incomplete",
      reason: { code: "submission-expired" },
    });
    expect(await api.world.reconcile()).not.toContain("opened");
  });

  it("is opened by a whole matrix of jobs at once", async () => {
    const api = await aPublisher({ publishers: [jobsPublisher, { ...jobsPublisher, repositoryId: "1002" }] });
    const { reports } = api.world;
    const read = reports.read.bind(reports);
    // As from far away: all have read before the first writes.
    reports.read = async (path) => {
      const found = await read(path);
      return setTimeout(20, found);
    };
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async (_, run) => {
        const repository = { repository_id: run % 2 === 0 ? "1001" : "1002", run_id: String(run) };
        const authorization = `Bearer ${api.github.token(repository)}`;
        const body = { files: [{ file: "app.tar.gz", size: 3 }] };
        return (await api.ask({ operation: "open", authorization, body })).status;
      }),
    );
    expect(statuses).toEqual(statuses.map(() => 201));
  });

  it("is one of ten that a caller may have open", async () => {
    const api = await aPublisher();
    const ids = [];
    for (let count = 0; count < 11; count++) ids.push(await api.open());
    expect(ids.filter(Boolean)).toHaveLength(10);
    api.passHours(25);
    expect(await api.open()).toMatch(/^api-/);
  });
});

describe("a submission's faults", () => {
  const open: Partial<ApiAsk> = { operation: "open" };
  const file = { file: "app.tar.gz", size: 3 };

  it.each<[string, unknown]>([
    ["no files", { files: [] }],
    ["no body", undefined],
    ["four files", { files: ["a", "b", "c", "d"].map((name) => ({ file: name, size: 1 })) }],
    ["a file without bytes", { files: [{ ...file, size: 0 }] }],
    ["half a byte", { files: [{ ...file, size: 1.5 }] }],
    ["more than Azure takes", { files: [{ ...file, size: 2 ** 31 + 1 }] }],
    ["another folder", { files: [{ ...file, file: "../app.tar.gz" }] }],
    ["the manifest among them", { files: [{ ...file, file: "Manifest.json" }] }],
    ["one name twice", { files: [file, { ...file, file: "APP.tar.gz" }] }],
    ["a large attestation", { files: [{ file: "app.tar.gz.sigstore.json", size: 70_000 }] }],
    ["more than was asked for", { files: [file], overwrite: true }],
  ])("are told before anything is kept: %s", async (_, body) => {
    const api = await aPublisher();
    const answer = await api.ask({ ...open, operation: "open", body });
    expect(answer).toMatchObject({ status: 400, body: { code: "bad-request" } });
    expect(api.world.reports.blobs.size).toBe(0);
  });

  it("are other files under a key that was used", async () => {
    const api = await aPublisher();
    const headers = { "idempotency-key": "one" };
    await api.open({ headers });
    const answer = await api.ask({ operation: "open", headers, body: { files: [file] } });
    expect(answer.status).toBe(422);
  });

  it.each<[string, Partial<ApiAsk>, number, string]>([
    ["too short", { block: 1, body: last.subarray(1) }, 400, "wrong-block-size"],
    ["too long", { block: 1, body: Buffer.concat([last, last]) }, 400, "wrong-block-size"],
    ["no block at all", { block: 1 }, 400, "wrong-block-size"],
    ["after the last", { block: 2, body: last }, 404, "no-such-block"],
    ["no number", { block: "1e0", body: last }, 404, "no-such-block"],
    ["of another file", { file: "other.bin", block: 1, body: last }, 404, "not-found"],
  ])("are a block %s", async (_, request, status, code) => {
    const api = await aPublisher();
    const submission = await api.open();
    const answer = await api.ask({ operation: "send", submission, ...request });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(api.world.dropBox.staged.size).toBe(0);
  });

  it("are told by block when some are missing", async () => {
    const api = await aPublisher();
    const submission = await api.open();
    await api.ask({ operation: "send", submission, block: 1, body: last });
    const answer = await api.ask({ operation: "commitFile", submission, body: commitBody() });
    expect(answer).toMatchObject({ status: 409, body: { code: "blocks-missing" } });
    expect(answer.body.detail).toContain("lacks 1 blocks: 0");
  });

  it.each<[string, object, string]>([
    ["another size", { size: 3 }, "size-mismatch"],
    ["another digest later", { sha256: "b".repeat(64) }, "file-committed"],
  ])("are %s", async (_, fields, code) => {
    const api = await aPublisher();
    const submission = await api.open();
    await sendAll(api, submission);
    await api.ask({ operation: "commitFile", submission, body: commitBody() });
    const answer = await api.ask({ operation: "commitFile", submission, body: commitBody(fields) });
    expect(answer).toMatchObject({ status: 409, body: { code } });
  });

  it("are blocks for a file that is committed", async () => {
    const api = await aPublisher();
    const submission = await api.open();
    await sendAll(api, submission);
    await api.ask({ operation: "commitFile", submission, body: commitBody() });
    const answer = await api.ask({ operation: "send", submission, block: 1, body: last });
    expect(answer.body.code).toBe("file-committed");
  });

  it.each<[string, string, number, string]>([
    ["no JSON", "{", 400, "bad-json"],
    ["no manifest", "{}", 400, "bad-manifest"],
    ["for another version", theManifest({ version: "1.2.1" }), 409, "manifest-elsewhere"],
    ["with another digest", aManifest(), 409, "file-not-committed"],
    ["without a digest", theManifest({ package: { file: "app.tar.gz" } }), 409, "file-not-committed"],
    [
      "with a file nobody sent",
      theManifest({ configuration: { file: "app.conf", size: 3, sha256 } }),
      409,
      "file-not-committed",
    ],
  ])("are a manifest that is %s", async (_, body, status, code) => {
    const api = await aPublisher();
    const submission = await api.open();
    await sendAll(api, submission);
    await api.ask({ operation: "commitFile", submission, body: commitBody() });
    const answer = await api.ask({ operation: "commit", submission, body });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(api.world.packages.dropped.has(`flooperapp/1.2.0/${submission}/manifest.json`)).toBe(false);
  });

  it("are a second manifest", async () => {
    const api = await aPublisher();
    const submission = await api.open();
    await sendAll(api, submission);
    await api.ask({ operation: "commitFile", submission, body: commitBody() });
    await api.ask({ operation: "commit", submission, body: theManifest() });
    const answer = await api.ask({ operation: "commit", submission, body: theManifest({ remove: "other" }) });
    expect(answer).toMatchObject({ status: 409, body: { code: "manifest-committed" } });
  });
});
