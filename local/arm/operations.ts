import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import type { ArmAnswer, ArmError } from "./answer.ts";
import { refuse } from "./answer.ts";
import { publishedDate, ticks } from "./azure-time.ts";

/** A long-running operation: in progress until `endsAt`, then succeeded or failed. */
export type ArmOperation = {
  readonly id: string;
  readonly startedAt: number;
  readonly endsAt: number;
  readonly error?: ArmError | undefined;
  /** Path and query of the addresses that were given out; nothing else opens it. */
  readonly statusPath: string;
  readonly monitorPath: string;
};

type NewOperation = {
  readonly subscription: string;
  readonly location: string;
  readonly apiVersion: string;
  readonly startedAt: number;
  readonly endsAt: number;
  readonly error?: ArmError | undefined;
};

const certificateBytes = 2400;

/** Keeps operations and signs their addresses. */
export class Operations {
  readonly #operations = new Map<string, ArmOperation>();
  readonly #key = randomBytes(32);
  // Real addresses carry the signing certificate, which makes them more than 3.5 KB long.
  readonly #certificate = randomBytes(certificateBytes).toString("base64url");

  begin(started: NewOperation): ArmOperation {
    const id = randomUUID();
    const path =
      `/subscriptions/${started.subscription}/providers/Microsoft.Compute` +
      `/locations/${started.location}/capsOperations/${id}`;
    const version = `api-version=${started.apiVersion}`;
    const operation: ArmOperation = {
      id,
      startedAt: started.startedAt,
      endsAt: started.endsAt,
      error: started.error,
      statusPath: this.#signed(`${path}?${version}`, started.startedAt),
      monitorPath: this.#signed(`${path}?monitor=true&${version}`, started.startedAt),
    };
    this.#operations.set(id, operation);
    return operation;
  }

  get(id: string): ArmOperation | undefined {
    return this.#operations.get(id);
  }

  /** Lets an operation end otherwise than planned. */
  change(id: string, end: { readonly endsAt: number; readonly error?: ArmError | undefined }): void {
    const operation = this.#operations.get(id);
    if (operation) this.#operations.set(id, { ...operation, ...end });
  }

  #signed(path: string, now: number): string {
    const unsigned = `${path}&t=${ticks(now)}&c=${this.#certificate}`;
    const blocks = [0, 1, 2, 3, 4, 5, 6, 7].map((block) =>
      createHmac("sha256", this.#key).update(`${block}${unsigned}`).digest(),
    );
    const hash = createHash("sha256").update(unsigned).digest("base64url");
    return `${unsigned}&s=${Buffer.concat(blocks).toString("base64url")}&h=${hash}`;
  }
}

/** The answer to a GET of an operation's address, which must be exactly one that was given out. */
export function operationAnswer(
  operation: ArmOperation | undefined,
  rawPath: string,
  now: number,
): ArmAnswer {
  if (!operation || (rawPath !== operation.statusPath && rawPath !== operation.monitorPath)) {
    // Assumed: status and code; only that a changed address is refused is known.
    const message = "The operation's address is not one that was given out: its signature does not match.";
    return refuse(403, { code: "OperationUrlSignatureMismatch", message });
  }
  const isRunning = now < operation.endsAt;
  if (rawPath === operation.monitorPath) return { status: isRunning ? 202 : 200 };
  return {
    status: 200,
    body: {
      startTime: publishedDate(operation.startedAt),
      ...(!isRunning && { endTime: publishedDate(operation.endsAt) }),
      status: isRunning ? "InProgress" : operation.error ? "Failed" : "Succeeded",
      name: operation.id,
      ...(!isRunning && operation.error && { error: operation.error }),
    },
  };
}
