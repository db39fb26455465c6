// The host's public HTTP server: the app's HTTP functions and the Event Grid webhook.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { HttpFunction } from "./app-functions.ts";
import type { RpcData } from "./core-api.ts";
import { answerEventGrid, type EventGridWebhook } from "./event-grid-webhook.ts";
import type { HostLog } from "./host-log.ts";
import { callBuffered, callStreaming } from "./http-function.ts";
import type { Router } from "./http-routes.ts";
import { answer, BodyTooLarge, urlOf } from "./requests.ts";
import type { Worker } from "./worker.ts";

/** What the public server serves. */
export type HttpFront = {
  readonly worker: Worker;
  readonly route: Router;
  readonly inputsOf: (target: HttpFunction) => Readonly<Record<string, RpcData>>;
  readonly eventGrid: EventGridWebhook;
  /** How long a function may take to answer: 230 seconds in Azure. In real milliseconds. */
  readonly answerLimit: number;
  readonly log: HostLog;
};

/** The listener of the public server. `front` is undefined until the app has started. */
export function httpListener(front: () => HttpFront | undefined): RequestListener {
  return (request, response) => {
    const ready = front();
    if (ready === undefined) {
      answer(response, 503);
      return;
    }
    serve(ready, request, response).catch((failure: unknown) => {
      if (failure instanceof BodyTooLarge) {
        answer(response, 413);
        return;
      }
      ready.log({
        level: "error",
        message: `${request.method ?? ""} ${urlOf(request).pathname}: ${String(failure)}`,
      });
      if (response.headersSent) response.destroy();
      else answer(response, 500);
    });
  };
}

async function serve(front: HttpFront, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = urlOf(request);
  if (pathname.toLowerCase() === "/runtime/webhooks/eventgrid") {
    return answerEventGrid(front.eventGrid, request, response);
  }
  const match = front.route(request.method ?? "GET", pathname);
  if (match === undefined) {
    answer(response, 404);
    return;
  }
  const { worker } = front;
  const call = { worker, match, request, response, inputs: front.inputsOf(match.target) };
  // The load balancer gives up; the function goes on.
  const giveUp = setTimeout(() => answer(response, 504), front.answerLimit);
  try {
    const { httpUri } = worker;
    await (httpUri === undefined ? callBuffered(call) : callStreaming({ ...call, httpUri }));
  } finally {
    clearTimeout(giveUp);
  }
}
