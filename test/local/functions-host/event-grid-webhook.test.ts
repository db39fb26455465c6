import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startFixtureHost, type FixtureHost } from "./a-fixture-host.ts";

let fixture: FixtureHost;
let url: string;

beforeAll(async () => {
  fixture = await startFixtureHost({ env: { LOCAL_EVENT_GRID_KEY: "the-key" } });
  url = `${fixture.host.url}/runtime/webhooks/EventGrid?functionName=gridded&code=the-key`;
});
afterAll(() => fixture.stop());

function sample(name: string): any {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../../contracts/events", name), "utf8"));
}

function post(body: unknown, kind: string, to = url): Promise<Response> {
  const headers = { "aeg-event-type": kind, "content-type": "application/json" };
  return fetch(to, { method: "POST", headers, body: JSON.stringify(body) });
}

describe("the Event Grid webhook", () => {
  it("answers the validation handshake", async () => {
    const response = await post(sample("SubscriptionValidation.eventgrid.json"), "SubscriptionValidation");
    const validationResponse = "512d38b6-c7b8-40c8-89fe-f46f9e9622b6";
    expect([response.status, await response.json()]).toEqual([200, { validationResponse }]);
  });

  it("invokes the function once for each event and answers 202", async () => {
    const [event] = sample("BlobCreated.eventgrid.json");
    const response = await post(
      [
        { ...event, id: "e1" },
        { ...event, id: "e2" },
      ],
      "Notification",
    );
    expect(response.status).toBe(202);
    expect(fixture.notes()).toEqual(expect.arrayContaining(["gridded e1", "gridded e2"]));
    expect(fixture.host.logs).toContain(`[information] gridded: saw ${event.subject}`);
  });

  it("answers 500 when one of them fails, after the others have run", async () => {
    const [event] = sample("BlobCreated.eventgrid.json");
    const bad = { ...event, id: "e3", data: { fail: true } };
    expect((await post([bad, { ...event, id: "e4" }], "Notification")).status).toBe(500);
    expect(fixture.notes()).toContain("gridded e4");
  });

  it("takes CloudEvents, and their handshake", async () => {
    const headers = { "WebHook-Request-Origin": "eventgrid.azure.net" };
    const options = await fetch(url, { method: "OPTIONS", headers });
    expect(options.headers.get("WebHook-Allowed-Origin")).toBe("eventgrid.azure.net");
    const [event] = sample("BlobCreated.cloudevents.json");
    expect((await post({ ...event, id: "e5" }, "")).status).toBe(202);
    expect(fixture.notes()).toContain("gridded e5");
  });

  it("knows neither other functions nor other keys", async () => {
    expect((await post([], "Notification", url.replace("gridded", "other"))).status).toBe(404);
    expect((await post([], "Notification", url.replace("the-key", "guess"))).status).toBe(401);
  });
});
