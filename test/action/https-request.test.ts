import { once } from "node:events";
import { createServer } from "node:http";
import { askHttps } from "../../action/https-request.ts";

describe("askHttps", () => {
  const before = process.env["HTTPS_PROXY"];
  const asked: (string | undefined)[] = [];
  const proxy = createServer().on("connect", ({ url }, socket) => {
    asked.push(url);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  afterAll(() => {
    if (before === undefined) delete process.env["HTTPS_PROXY"];
    else process.env["HTTPS_PROXY"] = before;
    proxy.close();
  });

  it("goes through the proxy that the runner is told to use", async () => {
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const address = proxy.address();
    if (address === null || typeof address === "string") throw new Error("the proxy has no port");
    process.env["HTTPS_PROXY"] = `http://127.0.0.1:${address.port}`;

    const answered = askHttps({
      method: "GET",
      url: "https://floo.invalid/api",
      headers: {},
      timeoutMs: 60_000,
    });

    await expect(answered).rejects.toThrow("403");
    expect(asked).toEqual(["floo.invalid:443"]);
  });
});
