import { randomInt, createHash } from "node:crypto";
import { aProfile } from "../a-world.ts";
import { jobsPublisher } from "../callers/a-github-issuer.ts";
import { anApi, type ApiAsk, type EndpointName } from "./an-api.ts";

const ROUNDS = 2000;
const endpoints: readonly EndpointName[] = [
  ...(["read", "expand", "promote", "withdraw", "halt", "retry"] as const),
  ...(["open", "see", "send", "commitFile", "commit", "lookAt", "approve"] as const),
];

/** Numbers that a seed determines. */
function numbers(seed: number): (below: number) => number {
  let count = 0;
  return (below) => {
    const hash = createHash("sha256").update(`${seed} ${count++}`).digest();
    return hash.readUInt32BE(0) % below;
  };
}

const texts = [
  ...["", ".", "..", "/", "a/b", "%2e%2e", "\0", "\u202e", "é", "\ud800", "app.tar.gz", "release", "open"],
  ...["__proto__", "constructor", "1.2.0", "01.2.0", "1.2.0-x", "99999999999.0.0", "-1", "0", "1e3", "NaN"],
  ...[
    "flooperapp",
    "FLOOPERAPP",
    "_submissions",
    "api-",
    `api-${"0".repeat(32)}`,
    "x".repeat(500),
    " ",
    "?*",
  ],
];

const values: readonly unknown[] = [
  ...[undefined, null, true, 0, -1, 1.5, 2 ** 53, 1e308, "", "x", "x".repeat(70_000), "\ud800", [], {}, [[]]],
  ...[
    { files: null },
    { files: [null] },
    { files: [{ file: "a", size: "1" }] },
    { files: [{ file: "..", size: 1 }] },
  ],
  ...[{ size: 1 }, { size: 3, sha256: "a".repeat(64) }, { sha256: {} }, { manifestSha256: "a".repeat(64) }],
  ...[{ targetRegions: ["eastus"] }, { targetRegions: [{}] }, { regions: [7] }, { toString: 1, length: -1 }],
  ...[
    { schema: 1 },
    { schema: 2 },
    { schema: 1, application: "flooperapp", version: "1.2.0", package: null },
  ],
];

// What each endpoint would have sent, so that some requests get past its first look.
const meant: Partial<Record<EndpointName, unknown>> = {
  open: { files: [{ file: "app.tar.gz", size: 3 }] },
  send: "a",
  commitFile: { size: 4, sha256: "a".repeat(64) },
  expand: { targetRegions: ["eastus"] },
  approve: { manifestSha256: "a".repeat(64) },
};

const rawBodies = [
  ...["{", "[", '"', "nul", "{}{}", '{"a":1,"a":2}', '{"__proto__":1}', "\ufeff{}", "[".repeat(2000)],
  ...["x".repeat(70_000), "\0", '{"files":[{"file":"a","size":1e999}]}'],
];

describe("the endpoints", () => {
  it("answer whatever is sent as the document says, and forget nothing that was agreed", async () => {
    const seed = randomInt(2 ** 31);
    const draw = numbers(seed);
    const from = <Item>(list: readonly Item[]): Item => list[draw(list.length)] as Item;
    let minutes = 0;
    const api = await anApi({ now: () => (minutes += 1) * 60_000 });
    api.world.packages.profiles.set("flooperapp", aProfile({ publishers: [jobsPublisher] }));
    const opened = await api.ask({
      ...{ operation: "open", authorization: `Bearer ${api.github.token()}` },
      body: { files: [{ file: "app.tar.gz", size: 3 }] },
    });
    const { submission } = opened.body;
    const oddBody = (operation: EndpointName): unknown => {
      const kind = draw(3);
      if (kind === 0) return from(rawBodies);
      return bodyOf(kind === 1 ? meant[operation] : from(values));
    };
    const odd: string[] = [];
    const seen = new Set<number>();
    for (let round = 0; round < ROUNDS; round++) {
      const isOften = draw(3) > 0;
      const operation = from(endpoints);
      const ask: ApiAsk = {
        operation,
        application: isOften ? "flooperapp" : from(texts),
        version: isOften ? "1.2.0" : from(texts),
        submission: draw(2) === 0 ? submission : from(texts),
        file: draw(2) === 0 ? "app.tar.gz" : from(texts),
        block: draw(2) === 0 ? 0 : from(texts),
        ...(draw(4) > 0 && { authorization: `Bearer ${api.github.token()}` }),
        ...(draw(3) > 0 && { body: oddBody(operation) }),
        ...(draw(8) === 0 && { headers: { "content-length": from(["-1", "x", "0", "99999999999", "3"]) } }),
        ...(draw(8) === 0 && { headers: { "idempotency-key": from(["é", "a b", "k", "k".repeat(256)]) } }),
      };
      const answer = await api.ask(ask);
      seen.add(answer.status);
      const isProblem = answer.status >= 400 && typeof answer.body.code === "string";
      const isFine = [200, 201, 202].includes(answer.status) || (isProblem && answer.status < 500);
      if (!isFine) odd.push(`${JSON.stringify(ask).slice(0, 300)}: ${JSON.stringify(answer).slice(0, 300)}`);
    }
    // eslint-disable-next-line jest/no-conditional-expect -- the seed must be told with the fault
    if (odd.length > 0) expect({ seed, odd: odd.slice(0, 5) }).toBe("no odd answer");
    // It got everywhere: past the door, into what each endpoint checks, and through.
    expect([...seen]).toEqual(expect.arrayContaining([200, 201, 202, 400, 403, 404, 409]));
    expect(api.lines).toEqual([]);
    const outside = [...api.world.packages.dropped.keys()].filter(
      (path) => !/^flooperapp\/1\.2\.0\/api-[0-9a-f]{32}\/[^/]+$/.test(path),
    );
    expect(outside).toEqual([]);
  });
});

function bodyOf(value: unknown): unknown {
  return value === undefined ? undefined : JSON.stringify(value);
}
