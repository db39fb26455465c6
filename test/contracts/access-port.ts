/* eslint jest/no-export: "off" -- a suite that the test file of each implementation calls */
import type { Access } from "../../functions/ports.ts";

/** Role assignments under test, and a hand behind their scenes. */
export interface AccessUnderTest {
  readonly access: Access;
  readonly principalId: string;
  /** Assigns the same role as somebody else would. */
  readonly assignBySomebody: () => Promise<void>;
  /** How many assignments the principal has. */
  readonly assignments: () => Promise<number>;
}

/** What every implementation of `Access` promises. `create` gives a scope without assignments. */
export function itLeasesAccess(create: () => Promise<AccessUnderTest>): void {
  it("grants once, however often it is asked", async () => {
    const { access, principalId, assignments } = await create();

    expect(await access.grant(principalId)).toBe("granted");
    expect(await access.grant(principalId)).toBe("granted");
    expect(await assignments()).toBe(1);
  });

  it("takes away what it granted, and then finds nothing more", async () => {
    const { access, principalId, assignments } = await create();
    await access.grant(principalId);

    expect(await access.revoke(principalId)).toBe("revoked");
    expect(await assignments()).toBe(0);
    expect(await access.revoke(principalId)).toBe("absent");
  });

  it("uses what somebody else assigned, and never takes it away", async () => {
    const { access, principalId, assignBySomebody, assignments } = await create();
    await assignBySomebody();

    expect(await access.grant(principalId)).toBe("foreign");
    expect(["absent", "foreign"]).toContain(await access.revoke(principalId));
    expect(await assignments()).toBe(1);
  });
}
