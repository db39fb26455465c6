import type { ArmContext } from "./context.ts";
import { isBusy, provisioningState } from "./version-life.ts";

/** That a write to a version has ended. */
export type VersionWriteEnded = { readonly id: string; readonly isSuccess: boolean };

/** Tells, when the write that was just accepted has ended, whether the version is well. Nothing when another overtook it. */
export async function announceEnd(context: ArmContext, id: string, operationId: string): Promise<void> {
  for (;;) {
    const version = context.state.version(id);
    if (version?.change.operationId !== operationId) return;
    const now = context.clock.now();
    if (!isBusy(version, now)) {
      context.onVersionWritten({ id, isSuccess: provisioningState(version, now) === "Succeeded" });
      return;
    }
    // Something may yet change when it ends.
    await context.clock.sleep(Math.max(version.change.endsAt - now, 1), context.stopping);
  }
}
