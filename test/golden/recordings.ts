import { calmScenario, plainSubmission, type Scenario } from "../simulation/scenario.ts";

/** What is recorded of a story: its name, what happens meanwhile, and where the history is kept. */
export interface Recording {
  readonly file: string;
  readonly story: string;
  readonly scenario: Scenario;
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
];
