import type { Lease, LeaseOperation } from "../../../core/lease.ts";
import { accessLease } from "../../../functions/entities/access-lease.ts";
import { AzureRefusal } from "../../../functions/ports.ts";
import { answer, InMemoryAccess } from "../in-memory-ports.ts";
import { virtualClock } from "../story-runner.ts";
import { AnEntity } from "./an-entity.ts";

const PRINCIPAL = "11111111-1111-4111-8111-111111111111";
const lessee = { place: "vault", principalId: PRINCIPAL };
const AT = "2026-01-05T10:00:00.000Z";
const BATCH = 8;

function aSetting() {
  const access = new InMemoryAccess(virtualClock());
  const calls: string[] = [];
  const down = { is: false };
  const counted = new Proxy(access, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (name === "grant" || name === "revoke") {
          calls.push(name);
          if (down.is)
            return Promise.reject(
              new AzureRefusal(answer("access", 503, "ServiceUnavailable", "Try later.")),
            );
        }
        return value.apply(target, args);
      };
    },
  });
  const body = accessLease({ access: counted }, { graceSeconds: 600 }, {});
  return { access, calls, down, entity: new AnEntity(access.assignmentName(PRINCIPAL), body), body };
}

function acquire(id: string) {
  const operation: LeaseOperation = {
    kind: "acquire",
    id,
    at: AT,
    doubt: false,
    application: "app",
    version: "1.0.0",
  };
  return { lessee, operation };
}

describe("accessLease", () => {
  it("asks Azure once for all that come in one go", async () => {
    const { entity, calls } = aSetting();

    const answers = await entity.run(Array.from({ length: BATCH }, (_, id) => acquire(`${id}`)));

    expect(answers.map(({ state }) => state)).toEqual(Array(BATCH).fill("held"));
    expect(new Set(answers.map(({ token }) => token)).size).toBe(BATCH);
    expect(calls).toEqual(["grant"]);
  });

  it("answers 50 acquires during an outage with one call for each batch, and holds nothing", async () => {
    const { entity, calls, down } = aSetting();
    down.is = true;
    const requests = Array.from({ length: 50 }, (_, id) => acquire(`${id}`));

    const answers = [];
    for (let first = 0; first < requests.length; first += BATCH) {
      answers.push(...(await entity.run(requests.slice(first, first + BATCH))));
    }

    expect(answers).toHaveLength(50);
    expect(
      answers.every(({ state, refusal }) => state === "unavailable" && refusal.kind === "transient"),
    ).toBe(true);
    expect(calls).toHaveLength(Math.ceil(50 / BATCH));
    expect((JSON.parse(entity.state!) as Lease).holders).toEqual([]);
  });

  it("grants as soon as the outage is over", async () => {
    const { entity, access, down } = aSetting();
    down.is = true;
    await entity.run([acquire("a")]);
    down.is = false;

    const [answered] = await entity.run([acquire("a")]);

    expect(answered.state).toBe("held");
    expect(access.assignments.size).toBe(1);
  });

  it("answers a surprise, and does not throw", async () => {
    const { access, entity } = aSetting();
    access.grant = async () => Promise.reject(new TypeError("a bug"));

    expect(await entity.run([acquire("a")])).toMatchObject([
      {
        state: "unavailable",
        refusal: { reason: { code: "unexpected", message: expect.stringContaining("a bug") } },
      },
    ]);
  });

  it("writes no assignment but its own", async () => {
    const { access, body, calls } = aSetting();
    const other = new AnEntity(access.assignmentName("22222222-2222-4222-8222-222222222222"), body);

    expect(await other.run([acquire("a")])).toMatchObject([
      { state: "unavailable", refusal: { kind: "final", reason: { code: "other-lease" } } },
    ]);
    expect(calls).toEqual([]);
  });

  it("does no harm when its machine dies after the effect", async () => {
    const { access, entity } = aSetting();

    const [answered] = await entity.run([acquire("a")], 2);

    expect(answered).toMatchObject({ state: "held", role: "present" });
    expect(access.assignments.size).toBe(1);
  });
});
