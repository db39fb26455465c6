import type { ArmFixture } from "./arm-fixture.ts";
import { aVersion, galleryId, startFixture, versionId } from "./arm-fixture.ts";

const unavailable = { code: "ServiceUnavailable", message: "Try again." };

describe("faults", () => {
  let fixture: ArmFixture;

  beforeEach(async () => {
    fixture = await startFixture();
    fixture.grantReader();
  });

  afterEach(() => fixture.arm.stop());

  const put = () => fixture.send("PUT", versionId, { body: aVersion() });
  const exists = () => fixture.arm.state.version(versionId) !== undefined;

  it.each([
    ["before", false],
    ["after", true],
  ] as const)("answer %s the request takes effect", async (when, effect) => {
    fixture.arm.faults.add({ method: "PUT", effect: "answer", when, status: 503, error: unavailable });
    const { status, body } = await put();
    expect([status, body.error, exists()]).toEqual([503, unavailable, effect]);
  });

  it.each([
    ["before", false],
    ["after", true],
  ] as const)("reset the connection %s the request takes effect", async (when, effect) => {
    fixture.arm.faults.add({ path: /versions/, effect: "reset", when });
    await expect(put()).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(exists()).toBe(effect);
    expect(fixture.arm.calls.list().map(({ status }) => status)).toEqual(["reset"]);
  });

  it("hit only what they match, as often as they say", async () => {
    fixture.arm.faults.throttle({ method: "PUT", path: /\/versions\//, times: 2 }, 17);
    const other = await fixture.send("GET", galleryId);
    const replies = [await put(), await put(), await put()];
    expect([other, ...replies].map(({ status }) => status)).toEqual([200, 429, 429, 201]);
    expect([replies[0]?.headers["retry-after"], replies[0]?.body.error.code]).toEqual([
      "17",
      "OperationNotAllowed",
    ]);
  });

  it("wait for a request that takes effect before they hide its answer", async () => {
    fixture.arm.faults.add({ effect: "answer", when: "after", status: 503, error: unavailable });
    const refused = await fixture.send("GET", versionId);
    const hidden = await put();
    expect([refused.status, hidden.status]).toEqual([404, 503]);
  });

  it("delay a request by the clock", async () => {
    fixture.arm.faults.add({ effect: "delay", seconds: 60 });
    let isAnswered = false;
    const reply = fixture.send("GET", galleryId).finally(() => (isAnswered = true));
    while (fixture.clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    const early = isAnswered;
    await fixture.clock.advance(60);
    expect([early, (await reply).status]).toEqual([false, 200]);
  });

  it("can be cleared", async () => {
    fixture.arm.faults.add({ effect: "answer", when: "before", status: 500, error: unavailable });
    fixture.arm.faults.clear();
    expect((await put()).status).toBe(201);
  });
});
