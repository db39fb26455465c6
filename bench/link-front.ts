// The front of a function app at the end of a link: takes HTTPS, lets bytes pass as the link would, and hands requests on
// to the host, as Azure's own front ends do. Arguments: the folder of the certificates, the link as JSON, the host's
// address. Prints its address and serves until stdin ends.
import { Agent, type IncomingMessage, request as ask, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { ensureCertificates } from "../local/certificates.ts";
import { sinkServer } from "./blob-sink.ts";
import { linkSchema, Paces } from "./link.ts";
import { serveUntilStdinEnds } from "./serving.ts";

const SHORTEST_PAUSE_MS = 2;

const [folder = "", linkText = "", host = ""] = process.argv.slice(2);
const link = linkSchema.parse(JSON.parse(linkText));
const certificates = await ensureCertificates(folder);
const paces = new Paces(link);
const agent = new Agent({ keepAlive: true });

await serveUntilStdinEnds({
  front: sinkServer(certificates.certificate, certificates.key, (request, response) => {
    passOn(request, response).catch(() => response.destroy());
  }),
});

async function passOn(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, headers } = incoming;
  const outgoing = ask(`${host}${incoming.url ?? "/"}`, { method, headers, agent });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once("response", resolve).once("error", reject);
  });
  await pipeline(paced(incoming), outgoing);
  const answer = await answered;
  if (link.delay > 0) await delay(link.delay);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, response);
}

async function* paced(incoming: IncomingMessage): AsyncIterable<Buffer> {
  const passage = paces.passageOf(incoming.socket);
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    const now = performance.now();
    const wait = passage.dueAfter(bytes.length, now) - now;
    if (wait >= SHORTEST_PAUSE_MS) await delay(wait);
    yield bytes;
  }
}
