import { quoted } from "../core/application.ts";
import { Problem } from "../core/problem.ts";
import { parseReport, type Report } from "../core/report.ts";
import type { Storage } from "./storage.ts";

/** The report at that path, or undefined when there is none. */
export async function readReport(
  storage: Pick<Storage, "account" | "readReport">,
  path: string,
): Promise<Report | undefined> {
  const text = await storage.readReport(path);
  if (text === undefined) return undefined;
  try {
    return parseReport(text);
  } catch (error) {
    throw new Problem(
      "bad-report",
      `reports/${path} in storage account ${quoted(storage.account)} is no report that this Action can read`,
      "Use the version of this Action that matches the pipeline's, and check storage-account.",
      { cause: error },
    );
  }
}
