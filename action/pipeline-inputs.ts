import { quoted } from "../core/application.ts";
import { Problem } from "../core/problem.ts";
import { missingInput } from "./input-values.ts";
import { type SignIn, signInFrom } from "./sign-in-inputs.ts";

/** The pipeline's endpoints, and who this job is to them. */
export interface PipelineAccess {
  /** The function app's address, without a closing slash. */
  readonly url: string;
  /** What tokens are asked for. */
  readonly scope: string;
  /** An identity of Entra's; `job`: the job's own GitHub token is the credential. */
  readonly signIn: SignIn | "job";
}

type Input = (name: string) => string;

/** The endpoints that the inputs `pipeline-url`, `pipeline-audience` and those of signing in mean. */
export function pipelineFrom(input: Input): PipelineAccess {
  const given = input("pipeline-url");
  if (given === "") {
    throw missingInput(
      "pipeline-url",
      "Pass the function app's address, such as https://my-pipeline.azurewebsites.net.",
    );
  }
  const url = urlFrom(given);
  const audience = input("pipeline-audience");
  checkAudience(audience);
  const [choice, clientId, tenantId] = [input("sign-in"), input("client-id"), input("tenant-id")];
  if (clientId === "" && tenantId === "" && isForJob(choice, audience)) {
    return { url, scope: audience || url, signIn: "job" };
  }
  if (audience === "") {
    throw missingInput(
      "pipeline-audience",
      "Pass the application id URI, or the client id, of the pipeline's API in Entra; or leave out client-id, tenant-id and sign-in, for the job's own GitHub token.",
    );
  }
  const scope = `${audience.replace(/\/\.default$/, "")}/.default`;
  return { url, scope, signIn: signInFrom(choice, clientId, tenantId) };
}

// Entra's audiences are ids, or addresses of its own kind; GitHub's are what the deployment chose, usually its address.
function isForJob(choice: string, audience: string): boolean {
  if (choice === "github") return true;
  return (choice === "" || choice === "auto") && !/^(?:api:\/\/|[0-9a-f-]{36}(?:\/|$))/i.test(audience);
}

// A token goes there, so nothing but TLS will do; the local Azure answers on this machine.
function urlFrom(text: string): string {
  const url = URL.parse(text);
  const isLocal = url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (url && isPlain && (url.protocol === "https:" || isLocal)) {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "").replace(/\/api$/, "");
  }
  throw new Problem(
    "bad-input",
    `input pipeline-url ${quoted(text.split("?")[0] ?? "")} is no https address without query`,
    "Pass the function app's address, such as https://my-pipeline.azurewebsites.net.",
  );
}

function checkAudience(text: string): void {
  if (/^[\x21-\x7e]{0,400}$/.test(text)) return;
  throw new Problem(
    "bad-input",
    `input pipeline-audience ${quoted(text)} is no audience`,
    "Pass what the pipeline is set up with: its GITHUB_AUDIENCE, or the application id URI or client id of its API in Entra.",
  );
}
