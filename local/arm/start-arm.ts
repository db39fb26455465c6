import type { Certificates } from "../certificates.ts";
import type { Clock } from "../clock.ts";
import { listenHttps } from "../listener.ts";
import type { AccessControl, BlobReader, TokenVerifier } from "../world.ts";
import { ArmState } from "./arm-state.ts";
import { CallLog } from "./call-log.ts";
import type { ArmContext } from "./context.ts";
import { ArmFaults } from "./faults.ts";
import { Operations } from "./operations.ts";
import { RateLimits } from "./rate-limits.ts";
import { serveRequest } from "./serve-request.ts";
import type { ArmSettings } from "./settings.ts";
import { defaultSettings } from "./settings.ts";
import { SubscriptionLimits } from "./subscription-limits.ts";
import type { VersionWriteEnded } from "./version-announcement.ts";

/** What a local Resource Manager needs from the rest of the local Azure. */
export type ArmOptions = {
  readonly certificates: Certificates;
  readonly clock: Clock;
  readonly tokens: TokenVerifier;
  readonly access: AccessControl;
  readonly blobs: BlobReader;
  readonly tenantId: string;
  /** Any free port unless said. */
  readonly port?: number;
  /** Audiences of tokens beside the endpoint; those of the public cloud unless said. */
  readonly audiences?: readonly string[];
  readonly settings?: Partial<ArmSettings>;
  /** Told when a write to a version has ended. */
  readonly onVersionWritten?: (ended: VersionWriteEnded) => void;
};

/** A running local Resource Manager. */
export type LocalArm = {
  /** `https://127.0.0.1:port`, without a slash at the end. */
  readonly endpoint: string;
  readonly state: ArmState;
  readonly settings: ArmSettings;
  readonly faults: ArmFaults;
  readonly calls: CallLog;
  stop(): Promise<void>;
};

const publicAudiences = ["https://management.azure.com", "https://management.core.windows.net"];

/** Starts a Resource Manager that serves galleries, role assignments and what belongs to them, over HTTPS. */
export async function startArm(options: ArmOptions): Promise<LocalArm> {
  const listener = await listenHttps(options.certificates, options.port);
  const endpoint = listener.origin;
  const stopping = new AbortController();
  const background = backgroundWork(stopping.signal);
  const context = contextFrom(options, endpoint, stopping.signal, background.add);
  const calls = new CallLog();
  const limits = new RateLimits();
  const subscriptionLimits = new SubscriptionLimits();
  const audiences = [endpoint, ...(options.audiences ?? publicAudiences)].flatMap((url) => [url, `${url}/`]);
  const verifyCaller = (authorization: string | undefined) => options.tokens.verify(authorization, audiences);
  const serving = { context, calls, limits, subscriptionLimits, verifyCaller };
  listener.serve((request, response) => void serveRequest(serving, request, response));
  const { state, settings, faults } = context;
  async function stop(): Promise<void> {
    stopping.abort();
    await listener.stop();
    await background.finished();
  }
  return { endpoint, state, settings, faults, calls, stop };
}

function contextFrom(
  options: ArmOptions,
  endpoint: string,
  stopping: AbortSignal,
  inBackground: ArmContext["inBackground"],
): ArmContext {
  const { clock, access, blobs, tenantId } = options;
  const settings = { ...defaultSettings(), ...options.settings };
  return {
    ...{ clock, access, blobs, tenantId, endpoint, stopping, inBackground },
    onVersionWritten: options.onVersionWritten ?? (() => undefined),
    state: new ArmState(clock, settings),
    settings,
    faults: new ArmFaults(),
    operations: new Operations(),
  };
}

/** Keeps track of work that goes on after its answer, so that stopping waits for it. */
function backgroundWork(signal: AbortSignal) {
  const running = new Set<Promise<void>>();
  const add: ArmContext["inBackground"] = (work) => {
    const task = work
      .catch((error: unknown) => {
        if (!signal.aborted) console.error("local Resource Manager, in the background:", error);
      })
      .finally(() => running.delete(task));
    running.add(task);
  };
  return { add, finished: () => Promise.all(running) };
}
