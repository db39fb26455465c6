import { request } from "node:https";
import { contractProblems } from "./openapi.ts";

/** What came back for a request. */
export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: any;
};

export type SendOptions = {
  readonly body?: unknown;
  readonly apiVersion?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
};

const apiVersions: readonly (readonly [RegExp, string])[] = [
  [/roleAssignments/i, "2022-04-01"],
  [/Microsoft\.Storage/i, "2024-01-01"],
  [/ManagedIdentity/i, "2023-01-31"],
  [/\/locations$/i, "2022-12-01"],
  [/\/providers\/[^/]+$/i, "2021-04-01"],
  [/./, "2024-03-03"],
];

/** Sends a request as the caller, with the usual api-version unless another is given, and checks the answer's form. */
export async function sendTo(
  endpoint: string,
  ca: string,
  method: string,
  path: string,
  options: SendOptions,
): Promise<Reply> {
  const plainPath = path.split("?")[0]!;
  const apiVersion =
    "apiVersion" in options ? options.apiVersion : apiVersions.find(([fits]) => fits.test(plainPath))![1];
  const query = apiVersion === undefined ? "" : `${path.includes("?") ? "&" : "?"}api-version=${apiVersion}`;
  const reply = await exchange(endpoint + path + query, ca, method, options);
  // Every answer of every test keeps the contract, which does not know the address that DELETE gives to monitor.
  const isKnown = !path.includes("?monitor=true");
  const problems = isKnown ? contractProblems(method, plainPath, reply.status, reply.body) : [];
  if (problems.length > 0) throw new Error(`${method} ${path}: ${problems.join("; ")}\n${reply.text}`);
  return reply;
}

function exchange(url: string, ca: string, method: string, options: SendOptions): Promise<Reply> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const headers = {
    authorization: "Bearer good",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, ca, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: text === "" ? undefined : JSON.parse(text),
        }),
      );
    });
    sent.on("error", reject).end(body);
  });
}
