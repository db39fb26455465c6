import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { get } from "node:https";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureCertificates } from "../../../local/certificates.ts";
import { startFixtureHost, type FixtureHost } from "./a-fixture-host.ts";

const megabyte = 1_048_576;
let fixture: FixtureHost;
let streaming: FixtureHost;

beforeAll(async () => {
  [fixture, streaming] = await Promise.all([
    startFixtureHost({ env: { LOCAL_HTTP_ANSWER_LIMIT: "2000" } }),
    startFixtureHost({ env: { STREAMING: "1" } }),
  ]);
});
afterAll(() => Promise.all([fixture.stop(), streaming.stop()]));

describe.each([["buffered", () => fixture] as const, ["streaming", () => streaming] as const])(
  "HTTP functions, %s",
  (_, theFixture) => {
    const visit = (path: string) => fetch(`${theFixture().host.url}/api/${path}`);

    it("get method, route parameters, query, headers and body", async () => {
      const url = `${theFixture().host.url}/api/things/box%20a/one/two?q=x`;
      const response = await fetch(url, { method: "POST", body: "hello", headers: { "x-sent": "yes" } });
      expect([response.status, response.headers.get("x-kind")]).toEqual([201, "box a"]);
      const params = { kind: "box a", rest: "one/two" };
      expect(await response.json()).toEqual({ url, params, query: "x", header: "yes", body: "hello" });
    });

    it("are chosen by their most literal route, and only for their methods", async () => {
      expect(await (await visit("THINGS/known/one")).text()).toBe("literal");
      expect(await (await visit("things/known/two")).json()).toMatchObject({ params: { kind: "known" } });
      expect((await visit("start/program/x")).status).toBe(404);
      expect((await fetch(theFixture().host.url)).status).toBe(404);
    });

    it("answer 204 when they return nothing, 500 when they throw", async () => {
      expect((await visit("nothing")).status).toBe(204);
      expect((await visit("throws")).status).toBe(500);
      expect(theFixture().host.logs.join("\n")).toContain("thrown on purpose");
    });

    it("may send what they make bit by bit", async () => {
      expect(await (await visit("drip")).text()).toBe("one two three");
    });

    it("take a body of 100 MB and not a byte more", async () => {
      const url = `${theFixture().host.url}/api/measure`;
      const most = await fetch(url, { method: "POST", body: Buffer.alloc(100 * megabyte) });
      expect(await most.json()).toEqual({ size: 100 * megabyte });
      const tooMuch = await fetch(url, { method: "POST", body: Buffer.alloc(100 * megabyte + 1) });
      expect(tooMuch.status).toBe(413);
    });

    it("survive clients that go away in the middle", async () => {
      await leaveEarly(`${theFixture().host.url}/api/measure`);
      expect((await visit("things/known/one")).status).toBe(200);
      expect(theFixture().host.isRunning).toBe(true);
    });

    it("keep the connection when they answer before the body has come", async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const { url } = theFixture().host;
      const large = Buffer.alloc(9 * megabyte);
      const first = await send({ agent, method: "POST", path: `${url}/api/hasty` }, large);
      const second = await send({ agent, method: "GET", path: `${url}/api/things/known/one` });
      agent.destroy();
      expect([first.status, second.status]).toEqual([200, 200]);
      expect(second.socket).toBe(first.socket);
    });

    it("take no more than that either when the length is not told before", async () => {
      expect(await postChunks(`${theFixture().host.url}/api/measure`, 101)).toBe(413);
    });
  },
);

describe("with a certificate", () => {
  it("speaks HTTPS", async () => {
    const folder = await mkdtemp(join(tmpdir(), "certificates-"));
    const certificates = await ensureCertificates(folder);
    const secure = await startFixtureHost({ certificates });
    const seen = await new Promise<string>((resolve, reject) => {
      const options = { ca: certificates.ca };
      get(`${secure.host.url}/api/things/a/b`, options, (response) =>
        response.setEncoding("utf8").once("data", resolve),
      ).on("error", reject);
    });
    await secure.stop();
    await rm(folder, { recursive: true });
    expect(JSON.parse(seen).url).toBe(`${secure.host.url}/api/things/a/b`);
  });
});

describe("a buffered app", () => {
  it("gets a whole answer at once, a streaming one its first bytes early", async () => {
    const firstBytes = async ({ host }: FixtureHost) => {
      const body = (await fetch(`${host.url}/api/drip`)).body?.getReader();
      const { value } = (await body?.read()) ?? {};
      await body?.cancel();
      return Buffer.from(value ?? []).toString();
    };
    expect(await firstBytes(fixture)).toBe("one two three");
    expect(await firstBytes(streaming)).toBe("one ");
  });

  it("is given up when it does not answer in time", async () => {
    expect((await fetch(`${fixture.host.url}/api/never`)).status).toBe(504);
  });

  it("finds its own host name and its hooks at work", async () => {
    const settings = await fetch(`${fixture.host.url}/api/settings`);
    expect(((await settings.json()) as any).hostname).toBe(new URL(fixture.host.url).host);
    const hooked = await fetch(`${fixture.host.url}/api/hooked`);
    expect(await hooked.text()).toBe("changed by a hook");
  });
});

describe("timer functions", () => {
  it("can be fired by hand", async () => {
    await fixture.host.fireTimer("swept");
    expect(fixture.notes()).toContain("swept false");
    await expect(fixture.host.fireTimer("nobody")).rejects.toThrow("404");
  });

  it("fire on their schedule", async () => {
    const before = fixture.notes().filter((note) => note === "swept false").length;
    // A quarter of an hour at this speed is 9 seconds.
    await expect(fixture.noted("swept false", before + 1)).resolves.toBe(true);
  });
});

/** Gives the status, and the connection that was used. */
function send(
  { path, ...options }: { agent: Agent; method: string; path: string },
  body?: Buffer,
): Promise<{ status: number | undefined; socket: Socket }> {
  return new Promise((resolve, reject) => {
    request(path, options, (response) => {
      const { statusCode: status, socket } = response;
      response.resume().once("end", () => resolve({ status, socket }));
    })
      .on("error", reject)
      .end(body);
  });
}

/** Sends so many chunks of a megabyte and no length; gives the status. */
function postChunks(url: string, count: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: "POST" }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sending.on("error", reject);
    const chunk = Buffer.alloc(megabyte);
    const send = (left: number): void => {
      if (left === 0) sending.end();
      else sending.write(chunk, () => send(left - 1));
    };
    send(count);
  });
}

/** Sends half of what it promised and hangs up. */
function leaveEarly(url: string): Promise<void> {
  return new Promise((resolve) => {
    const sending = request(url, { method: "POST", headers: { "content-length": 2 * megabyte } });
    sending.on("error", () => undefined);
    sending.on("close", resolve);
    sending.write(Buffer.alloc(megabyte), () => setTimeout(() => sending.destroy(), 50));
  });
}
