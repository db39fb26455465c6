import type { InMemoryPackages, InMemoryReports } from "../functions/in-memory-ports.ts";
import type { Ports } from "../../functions/ports.ts";
import type { Disturbance } from "./disturbed-ports.ts";
import type { DurableHost } from "./durable-host.ts";
import type { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";
import type { SimulatedAccess } from "./simulated-access.ts";
import type { SimulatedGallery } from "./simulated-gallery.ts";
import type { Trouble } from "./trouble.ts";

/** When a simulation begins, in milliseconds since 1970. */
export const BEGIN = Date.UTC(2026, 0, 5, 10);
/** The packages account that events come from. */
export const ACCOUNT =
  "/subscriptions/s1/resourceGroups/apps/providers/Microsoft.Storage/storageAccounts/vmapps";

/** What all parts of a simulation share: its clock, its chance, the simulated Azure, and what was planned for it. */
export interface Stage {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly scenario: Scenario;
  readonly trouble: Trouble;
  readonly host: DurableHost;
  readonly packages: InMemoryPackages;
  readonly reports: InMemoryReports;
  readonly access: SimulatedAccess;
  readonly gallery: SimulatedGallery;
  readonly ports: Ports;
  readonly disturbance: Disturbance;
  /** Every identity that the gallery has had. */
  readonly identities: Set<string>;
  /** Tells a line of the trace, if there is one. */
  readonly trace: (line: () => string) => void;
}
