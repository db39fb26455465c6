import type { AzureAnswer } from "../../core/refusals.ts";
import type { Ports } from "../../functions/ports.ts";
import type { Actor } from "./actor.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { Trouble } from "./trouble.ts";

const SECOND = 1000;
type PortName = Exclude<keyof Ports, "legacyAccess" | "legacyPlaces">;
const SERVICES: Readonly<Record<PortName, AzureAnswer["service"]>> = {
  packages: "storage",
  dropBox: "storage",
  reports: "storage",
  gallery: "gallery",
  access: "access",
  attestations: "storage",
};
/** What is no request at all. */
const PLAIN: ReadonlySet<string> = new Set(["vaultUrl", "vaultPathOf", "versionId", "assignmentName"]);
const SLOW: ReadonlySet<string> = new Set(["putVersion", "updateRegions", "copyIntoVault", "digest"]);
/** A zombie's requests may take effect this long after it was given up. */
const ZOMBIE_SECONDS = 300;

/** What the requests of an actor go through. */
export interface Disturbance {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly trouble: Trouble;
  readonly trace: (line: () => string) => void;
  /** Told before a request has its effect, so that what it does can be put down to somebody. */
  readonly onRequest: (actor: Actor, method: string, args: readonly unknown[]) => void;
  /** Told when a request leaves, and when it has come to its end, whatever that is. */
  readonly onArrived: (actor: Actor, method: string, args: readonly unknown[]) => void;
  readonly onSent: (actor: Actor, method: string, args: readonly unknown[]) => void;
}

/** The ports as that actor meets them: each request takes time, may go wrong, and may be its last. */
export function disturbedPorts<Given extends object>(
  ports: Given,
  actor: Actor,
  disturbance: Disturbance,
): Given {
  const disturbed: Record<string, object> = {};
  for (const [name, port] of Object.entries(ports) as [PortName, object][]) {
    disturbed[name] = disturbedPort(port, name, actor, disturbance);
  }
  return disturbed as Given;
}

function disturbedPort<Port extends object>(
  port: Port,
  name: PortName,
  actor: Actor,
  disturbance: Disturbance,
): Port {
  return new Proxy(port, {
    get(target, method) {
      const value: unknown = Reflect.get(target, method);
      if (typeof value !== "function") return value;
      if (PLAIN.has(String(method))) return value.bind(target);
      return (...args: unknown[]) =>
        request(actor, `${name}.${String(method)}`, SERVICES[name], args, disturbance, () =>
          value.apply(target, args),
        );
    },
  });
}

/** One request: it takes time, has its effect or not, and is answered or not. */
export function request<Answer>(
  actor: Actor,
  method: string,
  service: AzureAnswer["service"],
  args: readonly unknown[],
  disturbance: Disturbance,
  effect: () => Promise<Answer>,
): Promise<Answer> {
  const { schedule, random, trouble, trace, onArrived, onRequest, onSent } = disturbance;
  const isSlow = SLOW.has(method.split(".")[1] ?? "");
  return new Promise((resolve, reject) => {
    if (actor.isDead) return;
    onSent(actor, method, args);
    schedule.in(latency(), () => {
      onArrived(actor, method, args);
      if (actor.isDead) return;
      const before = actor.isAlive ? trouble.crash(actor.kind === "activity") : undefined;
      if (before) actor.crash(before);
      if (before === "dead") return;
      const fault = trouble.fault(service);
      if (fault?.when === "before") {
        trace(() => `${actor.label}: ${method} refused: ${fault.error.message}`);
        reject(fault.error);
        return;
      }
      onRequest(actor, method, args);
      const answer = effect();
      const after = actor.isAlive && trouble.crash(false);
      if (after) actor.crash(after);
      void answer.then(
        (value) => {
          trace(() => `${actor.label}: ${method} -> ${fault ? "answer lost" : shown(value)}`);
          if (actor.isDead) return;
          if (fault) reject(fault.error);
          else resolve(value);
        },
        (error: unknown) => {
          trace(() => `${actor.label}: ${method} refused: ${String(error)}`);
          if (!actor.isDead) reject(asError(error));
        },
      );
    });
  });

  function latency(): number {
    const usual = isSlow ? random.between(0.5, 15) : random.between(0.01, 0.8);
    return (actor.isAlive ? usual : random.between(0, ZOMBIE_SECONDS)) * SECOND;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 160);
}
