// The cloud that uploads are measured against: a process of its own, so that its work is not counted as the client's.
// Arguments: the folder of the certificates and the link as JSON. Prints its addresses and serves until stdin ends.
import type { Server } from "node:https";
import { ensureCertificates } from "../local/certificates.ts";
import { BlobSink, sinkServer } from "./blob-sink.ts";
import { linkSchema } from "./link.ts";
import { tokenService } from "./token-service.ts";

const [folder = "", linkText = ""] = process.argv.slice(2);
const link = linkSchema.parse(JSON.parse(linkText));
const certificates = await ensureCertificates(folder);
const sink = new BlobSink(link);
let tokenRequests: string[] = [];

const tokens = tokenService(link.delay, (what) => void tokenRequests.push(what));
const services = { blob: sink.serve, tokens, oidc: tokens };
const places = Object.fromEntries(
  await Promise.all(
    Object.entries(services).map(async ([name, listener]) => {
      const server = sinkServer(certificates.certificate, certificates.key, (request, response) => {
        if (request.url !== "/_counts") {
          listener(request, response);
          return;
        }
        const counts = { ...sink.counts(), tokenRequests };
        sink.forget();
        tokenRequests = [];
        response.end(JSON.stringify(counts));
      });
      return [name, `https://127.0.0.1:${await portOf(server)}`] as const;
    }),
  ),
);
process.stdin.resume().once("end", () => process.exit(0));
process.stdout.write(`${JSON.stringify({ ...places, caFile: certificates.caFile })}\n`);

function portOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}
