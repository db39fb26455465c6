import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer, get, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { AgentWithSpares } from "../../action/agent-with-spares.ts";
import { ensureCertificates } from "../../local/certificates.ts";

describe("AgentWithSpares", () => {
  const folder = mkdtempSync(join(tmpdir(), "spares-"));
  let server: Server;
  let ca: string;
  let url: URL;
  let connections = 0;

  beforeAll(async () => {
    const certificates = await ensureCertificates(folder);
    ca = readFileSync(certificates.caFile, "utf8");
    server = createServer({ cert: certificates.certificate, key: certificates.key }, (request, response) => {
      response.end(`from ${String(request.socket.remotePort)}`);
    });
    server.on("secureConnection", () => (connections += 1));
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = new URL(`https://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  async function answer(agent: AgentWithSpares): Promise<string> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { agent }, resolve).once("error", reject);
    });
    return text(response);
  }

  it("answers requests over the connections that were opened ahead", async () => {
    const agent = new AgentWithSpares({ ca });
    const before = connections;
    agent.openAhead(url, 2);
    const opened = once(server, "secureConnection");
    await opened;

    const answers = await Promise.all([answer(agent), answer(agent)]);

    expect(new Set(answers).size).toBe(2);
    expect(connections - before).toBe(2);
  });

  it("opens another when one was closed meanwhile", async () => {
    const agent = new AgentWithSpares({ ca });
    agent.openAhead(url, 1);
    const [socket] = await once(server, "secureConnection");
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(await answer(agent)).toMatch(/^from/);
  });

  it("leaves it to the requests to find that nobody answers", async () => {
    const agent = new AgentWithSpares({ ca });
    const nobody = new URL("https://127.0.0.1:1");
    agent.openAhead(nobody, 2);
    await new Promise((resolve) => setTimeout(resolve, 50));

    const asking = new Promise((resolve, reject) => get(nobody, { agent }, resolve).once("error", reject));
    await expect(asking).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
