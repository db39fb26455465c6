import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";

/** What a release of the stand-in has. */
export interface GithubRelease {
  readonly id: number;
  readonly tag: string;
  readonly assets: Readonly<Record<string, Buffer>>;
}

/**
 * GitHub's REST API for releases of one repository, as its documentation has it: assets are sent from another address, which
 * knows ranges and must not see the token. Each of `breaks` cuts a download off after so many bytes. `bundles` are what it keeps
 * of the file whose digest is all "a", by reference, beside an empty one that is told as a whole.
 */
export async function startGithub(token: string, release: GithubRelease) {
  const breaks: number[] = [];
  const requests: { readonly url: string; readonly range: string | undefined }[] = [];
  const bundles: Buffer[] = [];
  const files = createServer((request, response) => {
    requests.push({ url: request.url ?? "", range: request.headers.range });
    const [, folder, index] = /^\/(bundles\/)?(\d+)/.exec(request.url ?? "") ?? [];
    const kept = folder === undefined ? Object.values(release.assets) : bundles;
    sendFile(request, response, kept[Number(index)] ?? Buffer.alloc(0), breaks);
  });
  const api = createServer((request, response) => answer(request, response));
  const [apiUrl, filesUrl] = [await listen(api), await listen(files)];

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = decodeURIComponent(request.url ?? "");
    const base = "/repos/contoso/flooper/releases";
    const asset = /\/releases\/assets\/(\d+)$/.exec(url)?.[1];
    if (request.headers.authorization !== `token ${token}`)
      send(response, 401, { message: "Bad credentials" });
    else if (url.startsWith(`/repos/contoso/flooper/attestations/sha256:${"a".repeat(64)}?`)) {
      const referred = bundles.map((_, id) => ({
        bundle: null,
        bundle_url: `${filesUrl}/bundles/${id}?sig=s`,
      }));
      send(response, 200, {
        attestations: [...referred, { bundle: { dsseEnvelope: {} }, repository_id: 1 }],
      });
    } else if (url === `${base}/tags/${release.tag}`) send(response, 200, { id: release.id });
    else if (url.startsWith(`${base}/${release.id}/assets`)) send(response, 200, listing(release));
    else if (asset !== undefined && request.headers.accept === "application/octet-stream") {
      response.writeHead(302, { location: `${filesUrl}/${asset}` }).end();
    } else send(response, 404, { message: "Not Found" });
  }

  return {
    url: apiUrl,
    bundles,
    breaks,
    requests,
    stop: async (): Promise<void> => {
      for (const server of [api, files]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

function listing({ assets }: GithubRelease): object[] {
  return Object.entries(assets).map(([name, bytes], id) => ({
    ...{ id, name, size: bytes.length, state: "uploaded", content_type: "application/octet-stream" },
    digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
  }));
}

function sendFile(request: IncomingMessage, response: ServerResponse, bytes: Buffer, breaks: number[]): void {
  if (request.headers.authorization !== undefined) {
    send(response, 400, { message: "Only one auth mechanism allowed" });
    return;
  }
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const rest = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length });
  const cutAt = breaks.shift();
  if (cutAt === undefined) response.end(rest);
  else response.write(rest.subarray(0, cutAt), () => response.destroy());
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
