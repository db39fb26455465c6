import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import type { PostureFacts } from "../../core/posture/facts.ts";
import { postureOf } from "../../core/posture/posture.ts";
import { type Answer, answerOf } from "./http-answers.ts";
import { admittedCaller, answering, type ApiRequest, type CallerRules } from "./http-api.ts";

/** Looks at everything that the posture is judged by. */
export type Look = () => Promise<PostureFacts>;

/** How long one look is answered from: it costs some twenty requests of Azure. */
const FRESH_MILLISECONDS = 5000;

/** The handler of `GET /api/posture`. */
export function postureHandler(callers: CallerRules, look: Look) {
  const answer = postureEndpoint(callers, look);
  return async (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> => ({
    ...(await answer(request, (line) => context.error(line))),
  });
}

/** What `GET /api/posture` answers. Several callers at once share one look. */
export function postureEndpoint(callers: CallerRules, look: Look, now: () => number = Date.now) {
  let last: { readonly at: number; readonly facts: Promise<PostureFacts> } | undefined;
  return (request: Pick<ApiRequest, "headers">, log: (line: string) => void): Promise<Answer> =>
    answering(log, async () => {
      await admittedCaller(callers, "posture", request.headers);
      if (!last || now() - last.at > FRESH_MILLISECONDS) last = { at: now(), facts: look() };
      return answerOf(200, postureOf(await last.facts));
    });
}
