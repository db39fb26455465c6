import { parseUntrustedJson } from "../../core/json.ts";
import { Problem } from "../../core/problem.ts";
import { HttpProblem } from "./http-answers.ts";

/** Requests are small; more than this is none. */
const MOST_BYTES = 65_536;

/** A request's body, as far as it is read. */
export interface Body {
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** The JSON of a request, undefined when it has no body. Reads at most 64 KiB. */
export async function jsonBodyOf(request: Body): Promise<unknown> {
  const text = await textBodyOf(request);
  if (text === "") return undefined;
  try {
    return parseUntrustedJson(text, "the request's body");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw badBody(error.message);
  }
}

/** The text of a request, empty when it has no body. Reads at most 64 KiB. */
export async function textBodyOf(request: Body): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MOST_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw badBody("the request's body is no UTF-8 text");
  }
}

function badBody(message: string): HttpProblem {
  return new HttpProblem(400, {
    ...{ code: "bad-json", message },
    nextStep: "Send one JSON object, as docs/api.yaml describes it.",
  });
}

function tooLarge(): HttpProblem {
  return new HttpProblem(413, {
    code: "body-too-large",
    message: `the request's body has more than ${MOST_BYTES} bytes`,
    nextStep: "Send what docs/api.yaml describes, and nothing else.",
  });
}
