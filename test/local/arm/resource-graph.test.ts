import { startFixture, subscription } from "./arm-fixture.ts";

const query =
  "authorizationresources | where type =~ 'microsoft.authorization/roleassignments' | project id, properties";
const path = "/providers/Microsoft.ResourceGraph/resources";

function asked(text: string, options: object = {}) {
  const body = { subscriptions: [subscription], query: text, options };
  return { apiVersion: "2022-10-01", body };
}

describe("Resource Graph", () => {
  it("turns pages, and leaves out what the caller may not read", async () => {
    const fixture = await startFixture();
    const { arm, access } = fixture;
    access.assignments = Array.from({ length: 60 }, (_, index) => ({
      ...{ name: `a${index}`, scope: `/subscriptions/${subscription}`, roleId: "r" },
      ...{ principalId: "p", principalType: "User" },
    }));
    const first = await fixture.send("POST", path, asked(query));
    expect(first.status).toBe(200);
    expect(first.body.data).toHaveLength(50);
    const rest = await fixture.send("POST", path, asked(query, { $skipToken: first.body.$skipToken }));
    expect(rest.body.data).toHaveLength(10);
    expect(rest.body.$skipToken).toBeUndefined();
    expect(rest.body.data[0].properties).toMatchObject({ principalId: "p", principalType: "User" });
    access.denied.add("Microsoft.Authorization/roleAssignments/read");
    expect((await fixture.send("POST", path, asked(query))).body.data).toEqual([]);
    await arm.stop();
  });

  it("refuses what it does not understand", async () => {
    const fixture = await startFixture();
    const answer = await fixture.send("POST", path, asked("resources | summarize count()"));
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe("BadRequest");
    await fixture.arm.stop();
  });
});
