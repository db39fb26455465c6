import * as z from "zod";
import { askHttps } from "./https-request.ts";

/** Where a job asks for its OIDC tokens, as its environment tells. */
export interface IdTokenPlace {
  readonly url: string;
  readonly requestToken: string;
}

const PAUSES_SECONDS = [1, 2, 4, 8];
const TIMEOUT_MS = 30_000;
const answerSchema = z.object({ value: z.string().min(1) });

/** A new OIDC token of the job for that audience. Faults that pass are asked past, for a quarter of a minute. */
export async function requestIdToken(
  { url, requestToken }: IdTokenPlace,
  audience: string,
  sleep: (seconds: number) => Promise<void>,
): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const pause = PAUSES_SECONDS[attempt];
    try {
      const { status, text } = await askHttps({
        method: "GET",
        url: `${url}&audience=${encodeURIComponent(audience)}`,
        headers: {
          authorization: `Bearer ${requestToken}`,
          accept: "application/json",
          "user-agent": "azure-vm-application-publisher",
        },
        timeoutMs: TIMEOUT_MS,
      });
      if (status === 200) return answerSchema.parse(JSON.parse(text)).value;
      if (status !== 429 && status < 500) throw new IdTokenRefusal(status, text);
      if (pause === undefined) throw new IdTokenRefusal(status, text);
    } catch (error) {
      if (error instanceof IdTokenRefusal || pause === undefined) throw error;
    }
    await sleep(pause);
  }
}

class IdTokenRefusal extends Error {
  override readonly name = "IdTokenRefusal";

  constructor(status: number, text: string) {
    super(`status ${status}: ${text.slice(0, 300)}`);
  }
}
