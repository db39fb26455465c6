import { createAccessControl } from "../../../local/access/access-control.ts";
import type { AccessControlOptions } from "../../../local/access/access-control.ts";
import { seededPropagation } from "../../../local/access/propagation.ts";
import type { RoleAssignment } from "../../../local/world.ts";

const subscription = "/subscriptions/0000";
const account = `${subscription}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/acct`;
const container = `${account}/blobServices/default/containers/packages`;
const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const reader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const contributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";

function anAssignment(changes: Partial<RoleAssignment> = {}): RoleAssignment {
  return {
    name: "n1",
    scope: container,
    roleId: reader,
    principalId: "p1",
    principalType: "ServicePrincipal",
    ...changes,
  };
}

function anAccessControl(options: Partial<AccessControlOptions> = {}) {
  const clock = { time: 0, now: () => clock.time };
  const access = createAccessControl({ clock, propagation: () => 0, ...options });
  const canRead = (scope = container, attributes: Record<string, string> = {}) =>
    access.isAllowed({ principalId: "P1", action: `${blobs}/read`, isDataAction: true, scope, attributes });
  return { clock, access, canRead };
}

describe("createAccessControl", () => {
  it("lets a grant take effect only after its delay", () => {
    const { clock, access, canRead } = anAccessControl({ propagation: () => 1000 });
    access.assign(anAssignment());
    const before = canRead();
    clock.time = 999;
    const almost = canRead();
    clock.time = 1000;
    expect([before, almost, canRead()]).toEqual([false, false, true]);
  });

  it("lets access linger after a revocation", () => {
    const { clock, access, canRead } = anAccessControl({
      propagation: (change) => (change === "revocation" ? 600 : 0),
    });
    access.assign(anAssignment());
    const removed = access.unassign(container.toUpperCase(), "N1");
    clock.time = 599;
    const lingering = canRead();
    clock.time = 600;
    expect([removed, lingering, canRead(), access.list()]).toEqual([anAssignment(), true, false, []]);
  });

  it("never lets a grant take effect that was revoked sooner", () => {
    const { clock, access, canRead } = anAccessControl({
      propagation: (change) => (change === "grant" ? 1000 : 10),
    });
    access.assign(anAssignment());
    access.unassign(container, "n1");
    clock.time = 2000;
    expect(canRead()).toBe(false);
  });

  it("keeps what is granted again in effect when the earlier revocation arrives", () => {
    const { clock, access, canRead } = anAccessControl({ propagation: () => 100 });
    access.assign(anAssignment());
    clock.time = 500;
    access.unassign(container, "n1");
    access.assign(anAssignment());
    clock.time = 5000;
    expect(canRead()).toBe(true);
  });

  it.each([
    [subscription, container, true],
    [`${subscription}/resourceGroups/RG`, container, true],
    [account, container, true],
    [container, account, false],
    [container, `${container}2`, false],
    [container, `/${container}/`, true],
    ["/", container, true],
  ])("a grant at %s reaches %s: %s", (scope, asked, expected) => {
    const { access, canRead } = anAccessControl();
    access.assign(anAssignment({ scope }));
    expect(canRead(asked)).toBe(expected);
  });

  it("keeps control plane and data plane apart", () => {
    const owner = anAssignment({ roleId: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", scope: subscription });
    const { access, canRead } = anAccessControl({ assignments: [owner] });
    const write = "Microsoft.Authorization/roleAssignments/write";
    const question = { principalId: "p1", action: write, isDataAction: false, scope: container };
    expect([canRead(), access.isAllowed(question)]).toEqual([false, true]);
  });

  it("allows only where the condition is met", () => {
    const condition = `(!(ActionMatches{'${blobs}/read'})) OR (@Resource[${blobs}:path] StringLike 'mine/*')`;
    const { access, canRead } = anAccessControl();
    access.assign(anAssignment({ condition, conditionVersion: "2.0" }));
    const answers = [
      canRead(container, { path: "mine/a" }),
      canRead(container, { path: "yours/a" }),
      canRead(),
    ];
    expect(answers).toEqual([true, false, false]);
  });

  it.each([
    [{ roleId: "00000000-0000-0000-0000-000000000000" }, "RoleDefinitionDoesNotExist"],
    [{ condition: "Nonsense", conditionVersion: "2.0" }, "InvalidCondition"],
    [{ condition: "ActionMatches{'a'}" }, "InvalidConditionVersion"],
    [
      { condition: `@Request[A:x] GuidEquals ${contributor}`, conditionVersion: "2.0" },
      "AuthorizationFailed",
    ],
  ])("refuses an assignment with %j", (changes, code) => {
    const { access } = anAccessControl();
    expect(() => access.assign(anAssignment(changes))).toThrow(expect.objectContaining({ code }));
  });

  it("takes the same assignment twice, but no other under its name", () => {
    const { access } = anAccessControl();
    access.assign(anAssignment());
    access.assign(anAssignment());
    expect(() => access.assign(anAssignment({ principalId: "p2" }))).toThrow(
      expect.objectContaining({ code: "RoleAssignmentUpdateNotPermitted" }),
    );
  });

  it("remembers which rights were used, once each", () => {
    const { access, canRead } = anAccessControl({ assignments: [anAssignment()] });
    canRead();
    canRead();
    canRead(account);
    expect(access.usedActions()).toEqual([{ principalId: "P1", action: `${blobs}/read`, scope: container }]);
  });
});

describe("seededPropagation", () => {
  it("repeats itself for a seed and stays within its bounds", () => {
    const draw = () => {
      const delay = seededPropagation(7, 600);
      return Array.from({ length: 50 }, () => delay("grant", anAssignment()));
    };
    const delays = draw();
    expect(draw()).toEqual(delays);
    expect(delays.every((delay) => delay >= 0 && delay < 600)).toBe(true);
    expect(new Set(delays).size).toBeGreaterThan(40);
  });
});
