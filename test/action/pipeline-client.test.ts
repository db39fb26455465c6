import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { jobCredential } from "../../action/job-credential.ts";
import { createPipelineClient } from "../../action/pipeline-client.ts";
import { createSubmissions } from "../../action/pipeline-submissions.ts";
import { aWorld, release } from "./fake-world.ts";

const submission = { ...release, submission: `api-${"a".repeat(32)}` };

/** A pipeline that answers every request so, and what it heard. */
async function against(status: number, answer: unknown, lifetimeSeconds = 300) {
  const heard: { what: string; token: string; type: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      const { authorization = "", "content-type": type } = request.headers;
      heard.push({ what: `${request.method} ${request.url}`, token: authorization, type, body });
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let issued = 0;
  const idToken = async (audience: string): Promise<string> => {
    const claims = { aud: audience, jti: ++issued, iat: 1_000_000, exp: 1_000_000 + lifetimeSeconds };
    return `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
  };
  const world = aWorld();
  const client = createPipelineClient(url, "https://own.example", jobCredential(idToken, world.log));
  const stop = () => new Promise((resolve) => server.close(resolve));
  return { submissions: createSubmissions(client), heard, world, stop };
}

describe("createSubmissions", () => {
  it("sends blocks as they are, with the job's own token", async () => {
    const { submissions, heard, world, stop } = await against(200, {});

    await submissions.sendBlock(submission, "a b.deb", 7, Buffer.from("bytes"), new AbortController().signal);
    await submissions.commitFile(submission, "a b.deb", 5, "0".repeat(64));
    await submissions.commit(submission, "{}");
    await stop();

    const place = `PUT /api/applications/flooperapp/versions/1.2.0/submissions/${submission.submission}`;
    expect(heard.map(({ what, type, body }) => [what, type, body])).toEqual([
      [`${place}/files/a%20b.deb/blocks/7`, "application/octet-stream", "bytes"],
      [`${place}/files/a%20b.deb`, "application/json", `{"size":5,"sha256":"${"0".repeat(64)}"}`],
      [`${place}/manifest`, "application/json", "{}"],
    ]);
    expect(new Set(heard.map(({ token }) => token)).size).toBe(1);
    expect(world.lines).toEqual(["signed in with this job's own GitHub OIDC token, for https://own.example"]);
  });

  it("takes a new token a minute before the old one ends", async () => {
    const { submissions, heard, stop } = await against(200, {}, 60);

    for (const block of [0, 1, 2]) {
      await submissions.sendBlock(submission, "a", block, Buffer.from("x"), new AbortController().signal);
    }
    await stop();

    expect(new Set(heard.map(({ token }) => token)).size).toBe(3);
  });

  it("waits for nobody who has too many submissions open", async () => {
    const full = { code: "too-many-submissions", detail: "10 are open", nextStep: "Wait a day." };
    const { submissions, stop } = await against(429, full);

    const problem: unknown = await submissions.open(release, [], "k").catch((error: unknown) => error);
    await stop();

    expect(problem).toMatchObject({ code: "too-many-submissions", nextStep: "Wait a day." });
    expect(problem).not.toHaveProperty("kind");
  });

  it("refuses what is no answer of a pipeline's", async () => {
    const { submissions, stop } = await against(201, { submission: "../../other" });

    await expect(submissions.open(release, [], "k")).rejects.toMatchObject({ code: "no-pipeline" });
    await stop();
  });
});
