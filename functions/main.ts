import { Problem } from "../core/problem.ts";
import { registerApp } from "./app.ts";
import { azurePorts } from "./azure/azure-ports.ts";
import { ownCredential } from "./azure/credential.ts";
import { collectTo } from "./collector.ts";
import { configFrom } from "./config.ts";
import { lookAround } from "./look-around.ts";
import { keyVault } from "./notifications/key-vault.ts";
import { rootSources, sigstoreAttestations } from "./provenance/sigstore.ts";

try {
  const config = configFrom(process.env);
  collectTo(config.collector);
  // App Service and Functions hosts offer a managed identity at this address.
  const isOnAzure = process.env["IDENTITY_ENDPOINT"] !== undefined;
  const attestations = sigstoreAttestations(rootSources(config.trustRoots, Date.now));
  registerApp({ ...azurePorts(config, isOnAzure), attestations }, config, {
    look: () => lookAround(config, isOnAzure),
    vault: keyVault(() => ownCredential(config.clientId, isOnAzure)),
  });
} catch (error) {
  // The host stops at an error of the entry point, but may show only its first line.
  if (error instanceof Problem) console.error(`${error.message}\n${error.nextStep}`);
  throw error;
}
