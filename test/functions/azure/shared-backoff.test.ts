import { refusalOf } from "../../../core/refusals.ts";
import { sharedBackoff } from "../../../functions/azure/shared-backoff.ts";
import { AzureRefusal } from "../../../functions/ports.ts";
import { aWorld } from "../a-world.ts";
import { refusal } from "../in-memory-ports.ts";

const release = { application: "flooperapp", version: "1.2.0" };
const throttled = (seconds?: number) => refusal(429, "TooManyRequests", "Slow down.", seconds);

/** A world whose gallery and access share a back-off, and the answers of requests: `ok`, or the refusal. */
function aBackoff() {
  const world = aWorld();
  const backoff = sharedBackoff(() => world.clock.now());
  const [gallery, access] = [backoff.gallery(world.ports.gallery), backoff.access(world.ports.access)];
  return { world, gallery, access };
}

async function answerTo(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return "ok";
  } catch (error) {
    if (!(error instanceof AzureRefusal)) throw error;
    return `${error.answer.code} ${error.answer.retryAfterSeconds ?? ""}`;
  }
}

describe("sharedBackoff", () => {
  it("has everybody wait who reads, for as long as Azure told one", async () => {
    const { world, gallery } = aBackoff();
    world.fail("gallery.readVersion", throttled(77));

    const first = await answerTo(gallery.readVersion(release));
    const second = await answerTo(gallery.read());
    world.clock.pass(40);
    const third = await answerTo(gallery.hasApplication("other"));
    world.clock.pass(37);

    expect([first, second, third]).toEqual(["TooManyRequests 77", "HeldBack 77", "HeldBack 37"]);
    expect(await answerTo(gallery.read())).toBe("ok");
  });

  it("sends nothing meanwhile", async () => {
    const { world, gallery } = aBackoff();
    world.fail("gallery.createApplication", throttled(60), refusal(500, "Sent", "It was sent."));

    await answerTo(gallery.createApplication("a", "eastus", {} as never));

    expect(await answerTo(gallery.createApplication("b", "eastus", {} as never))).toBe("HeldBack 60");
  });

  it("holds back neither other kinds of requests nor other services", async () => {
    const { world, gallery, access } = aBackoff();
    world.fail("gallery.createApplication", throttled(60));

    await answerTo(gallery.createApplication("a", "eastus", {} as never));

    expect(await answerTo(gallery.read())).toBe("ok");
    expect(await answerTo(access.grant("11111111-1111-4111-8111-111111111111"))).toBe("ok");
  });

  it.each([
    [undefined, 10],
    [86_400, 900],
  ])("after a pause of %p seconds holds back for %d", async (told, seconds) => {
    const { world, access } = aBackoff();
    world.fail("access.granted", throttled(told));

    await answerTo(access.granted());

    expect(await answerTo(access.granted())).toBe(`HeldBack ${seconds}`);
  });

  it("answers so that stories take it for throttling", async () => {
    const { world, gallery } = aBackoff();
    world.fail("gallery.read", throttled(30));
    await answerTo(gallery.read());

    const error: unknown = await gallery.read().catch((thrown: unknown) => thrown);

    expect(error instanceof AzureRefusal && refusalOf(error.answer)).toMatchObject({
      kind: "throttled",
      retryAfterSeconds: 30,
    });
  });
});
