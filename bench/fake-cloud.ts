// The cloud that uploads are measured against: a process of its own, so that its work is not counted as the client's.
// Arguments: the folder of the certificates and the link as JSON. Prints its addresses and serves until stdin ends.
import type { RequestListener } from "node:http";
import { ensureCertificates } from "../local/certificates.ts";
import { BlobSink, sinkServer } from "./blob-sink.ts";
import { linkSchema } from "./link.ts";
import { serveUntilStdinEnds } from "./serving.ts";
import { tokenService } from "./token-service.ts";

const [folder = "", linkText = ""] = process.argv.slice(2);
const link = linkSchema.parse(JSON.parse(linkText));
const certificates = await ensureCertificates(folder);
const sink = new BlobSink(link);
let tokenRequests: string[] = [];

const tokens = tokenService(link.delay, (what) => void tokenRequests.push(what));
await serveUntilStdinEnds(
  { blob: serverOf(sink.serve), tokens: serverOf(tokens), oidc: serverOf(tokens) },
  { caFile: certificates.caFile },
);

function serverOf(listener: RequestListener) {
  return sinkServer(certificates.certificate, certificates.key, (request, response) => {
    if (request.url !== "/_counts") {
      listener(request, response);
      return;
    }
    const counts = { ...sink.counts(), tokenRequests };
    sink.forget();
    tokenRequests = [];
    response.end(JSON.stringify(counts));
  });
}
