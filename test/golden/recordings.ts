import type { Told } from "../simulation/pipeline.ts";
import { calmScenario, plainSubmission, type Scenario } from "../simulation/scenario.ts";

/** What is recorded of a story: its name, what happens meanwhile, and where the history is kept. */
export interface Recording {
  readonly file: string;
  readonly story: string;
  readonly scenario: Scenario;
  /** Who is told of endings meanwhile. */
  readonly told?: () => Told;
}

/** One recording for each story. */
export const recordings: readonly Recording[] = [
  {
    file: "publish-release.json",
    story: "publishRelease",
    scenario: calmScenario([plainSubmission({})]),
  },
  {
    file: "update-version.json",
    story: "updateVersion",
    scenario: {
      ...calmScenario([plainSubmission({})]),
      operations: [
        {
          at: 20 * 60_000,
          operation: {
            kind: "expand",
            application: "agent",
            version: "1.0.0",
            targetRegions: [{ name: "japaneast" }, { name: "eastus" }],
          },
        },
      ],
    },
  },
  {
    file: "reconciliation.json",
    story: "reconciliation",
    // No event announces the submission, and an operator ends its story once.
    scenario: {
      ...calmScenario([{ ...plainSubmission({}), events: [] }]),
      kills: [{ at: 18 * 60_000, purges: false }],
    },
  },
  {
    file: "notification.json",
    story: "notification",
    scenario: calmScenario([plainSubmission({})]),
    told: grudgingReceivers,
  },
];

/** Two receivers: one that takes it at the third attempt, of which one broke off, and one that never does. */
function grudgingReceivers(): Told {
  const webhook = (name: string) =>
    ({ kind: "webhook", url: `https://${name}.example`, secretUrl: "https://vault.example" }) as const;
  let attempts = 0;
  return {
    channels: [webhook("late"), webhook("never")],
    deliverNotification: async ({ channel, isLast }) => {
      if (channel === 1) return isLast ? "given up" : "again";
      attempts += 1;
      // A stack would name places of the machine that records.
      if (attempts === 2) throw Object.assign(new Error("the connection was reset"), { stack: undefined });
      return attempts === 3 ? "delivered" : "again";
    },
  };
}
