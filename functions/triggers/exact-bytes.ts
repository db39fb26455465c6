import { HttpProblem } from "./http-answers.ts";
import type { Body } from "./http-body.ts";

/**
 * A request's body that is exactly as long as expected, passed on piece by piece. `fault` tells what was wrong with it,
 * if whoever reads it ended with an error.
 */
export function exactBytes({ headers, body }: Body, expected: number) {
  const told = headers.get("content-length");
  if (told !== null && Number(told) !== expected) throw wrongLength(Number(told), expected);
  let fault: HttpProblem | undefined;

  async function* bytes(): AsyncGenerator<Uint8Array> {
    let size = 0;
    try {
      for await (const chunk of body ?? []) {
        size += chunk.length;
        if (size > expected) break;
        yield chunk;
      }
    } catch (error) {
      fault = cutShort(size, expected);
      throw error;
    }
    if (size === expected) return;
    fault = wrongLength(size, expected);
    throw fault;
  }

  return { bytes: bytes(), fault: () => fault };
}

function wrongLength(actual: number, expected: number): HttpProblem {
  const shown = actual > expected ? `more than ${expected}` : String(actual);
  return new HttpProblem(400, {
    code: "wrong-block-size",
    message: `the block has ${shown} bytes, not ${expected}`,
    nextStep: "Send each block with exactly the bytes that its number stands for; docs/api.yaml says which.",
  });
}

function cutShort(actual: number, expected: number): HttpProblem {
  return new HttpProblem(400, {
    code: "body-cut-short",
    message: `the request broke off after ${actual} of ${expected} bytes`,
    nextStep: "Send the block again.",
  });
}
