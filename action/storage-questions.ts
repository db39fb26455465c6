import { containers } from "../core/naming.ts";
import { hasAzureCode, problemOfAzureError } from "./azure-refusal.ts";
import type { StorageAccount } from "./storage-account.ts";
import type { Written } from "./storage.ts";

/** How both storages ask Azure, so that what it answers means the same. */
export interface StorageQuestions {
  /** Asks; what Azure refuses is thrown as a problem. */
  readonly ask: <Answer>(doing: "read" | "write", question: () => Promise<Answer>) => Promise<Answer>;
  /** Writes a blob that must not be there yet. */
  readonly create: (write: () => Promise<unknown>) => Promise<Written>;
}

/** Questions about one account. `clientId`: who is signed in, for next steps. */
export function storageQuestions(
  account: StorageAccount,
  clientId?: () => string | undefined,
): StorageQuestions {
  async function ask<Answer>(doing: "read" | "write", question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question();
    } catch (error) {
      const who = clientId?.();
      throw problemOfAzureError(error, "storage", {
        account: account.name,
        container: doing === "read" ? containers.reports : containers.dropBox,
        doing,
        ...(who !== undefined && { clientId: who }),
      });
    }
  }

  function create(write: () => Promise<unknown>): Promise<Written> {
    return ask("write", async () => {
      try {
        await write();
        return "written";
      } catch (error) {
        if (hasAzureCode(error, "BlobAlreadyExists")) return "exists";
        throw error;
      }
    });
  }

  return { ask, create };
}
