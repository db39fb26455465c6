// The host's loopback server: the durable extension's endpoints, and firing timers by hand.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { answerClient } from "./durable/client-endpoints.ts";
import type { DurableEngine } from "./durable/engine.ts";
import { answer, readBody, urlOf } from "./requests.ts";

/** What the loopback server serves. */
export type AdminFront = {
  readonly engine: DurableEngine;
  /** Runs the timer function of this name to its end; tells whether there is one. */
  readonly fireTimer: (name: string) => Promise<boolean>;
};

/** The listener of the loopback server. `front` is undefined until the app has started. */
export function adminListener(front: () => AdminFront | undefined): RequestListener {
  return (request, response) => {
    const ready = front();
    if (ready === undefined) {
      answer(response, 503);
      return;
    }
    serve(ready, request, response).catch((failure: unknown) =>
      answer(response, 500, { message: String(failure) }),
    );
  };
}

async function serve(front: AdminFront, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = urlOf(request);
  const [area, ...path] = url.pathname.slice(1).split("/").map(decodeURIComponent);
  if (area === "durabletask") {
    const answered = await answerClient(front.engine, {
      method: request.method ?? "GET",
      path,
      query: url.searchParams,
      body: (await readBody(request)).toString("utf8"),
      baseUrl: `${url.origin}/durabletask`,
    });
    answer(response, answered.status, answered.body);
    return;
  }
  const [kind, name] = path;
  if (area !== "admin" || kind !== "functions" || name === undefined || request.method !== "POST") {
    answer(response, 404);
    return;
  }
  answer(response, (await front.fireTimer(name)) ? 202 : 404);
}
