import { deliverMany } from "./many-events.ts";

const SEED = 1;

describe("blobArrived", () => {
  it(`publishes each of 5,000 submissions once from 100,000 events (seed ${SEED})`, async () => {
    const came = await deliverMany(SEED, 5000, 100_000);

    expect(came.results.size).toBe(5000);
    expect([...came.results.values()].filter((times) => times !== 1)).toEqual([]);
    // Each kind of event has come, so that nothing is proven by its absence.
    expect(Object.values(came.sightings).filter((count) => count === 0)).toEqual([]);
    expect(came.emptyStories).toBeGreaterThan(0);
  });
});
