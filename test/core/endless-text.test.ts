import { applicationNameFrom } from "../../core/application.ts";
import { blobsCreated } from "../../core/event.ts";
import { fileNameFault } from "../../core/file-name.ts";
import { parseUntrustedJson } from "../../core/json.ts";
import { parseManifest } from "../../core/manifest.ts";
import { markdownCode, markdownText } from "../../core/markdown.ts";
import { digestOfVaultPath, dropOfPath, isPlainSegment, pathOfBlobUrl } from "../../core/naming.ts";
import { refusalOf } from "../../core/refusals.ts";
import { regionKey } from "../../core/region.ts";
import { versionFault } from "../../core/version.ts";
import { aManifest } from "./samples.ts";

const LENGTH = 300_000;

// Texts on which an expression that tries the same characters twice would not end: each is long, and ends badly.
const texts = [
  "1",
  "1.",
  "a",
  "a.",
  "-",
  " ",
  "/",
  "?",
  "\\",
  '"',
  "{",
  "[",
  "\n",
  "www.",
  "://",
  "https://",
  "%2e",
].map((unit) => unit.repeat(LENGTH / unit.length) + "\0");

/** Whether the outcome is a value or a refusal does not matter here; that it comes does. */
function endure(read: (text: string) => unknown): number {
  return texts.map((text) => {
    try {
      return read(text);
    } catch (error) {
      return error;
    }
  }).length;
}

describe("no endless text keeps", () => {
  const subject = "/blobServices/default/containers/";
  const event = (text: string) => ({
    topic: text,
    subject: `${subject}${text}/blobs/${text}`,
    eventType: "Microsoft.Storage.BlobCreated",
    data: { api: "PutBlob" },
  });

  it.each<[string, (text: string) => unknown]>([
    ["versions", versionFault],
    ["names of applications", applicationNameFrom],
    ["names of files", fileNameFault],
    ["plain segments", isPlainSegment],
    ["regions", regionKey],
    ["paths of drops", (text) => dropOfPath(`a/1.0.0/${text}`)],
    ["paths of the vault", digestOfVaultPath],
    [
      "addresses",
      (text) => pathOfBlobUrl(`https://acct.net/packages/${text}`, "https://acct.net", "packages"),
    ],
    ["events", (text) => blobsCreated(event(text))],
    ["Markdown", markdownText],
    ["code in Markdown", markdownCode],
    [
      "answers of Azure's",
      (message) => refusalOf({ service: "gallery", status: 400, code: message, message }),
    ],
    ["a long manifest", (text) => parseUntrustedJson(text, "x")],
    ["JSON in a manifest's size", (text) => parseUntrustedJson(text.slice(0, 60_000), "x")],
    [
      "a manifest's fields",
      (text) => {
        const long = text.slice(0, 6_000);
        const words = {
          application: long,
          version: long,
          endOfLifeDate: long,
          targetRegions: [long],
          [long]: 1,
        };
        return parseManifest(
          JSON.stringify({ ...aManifest(), ...words, package: { file: long, sha256: long } }),
        );
      },
    ],
  ])("%s from being judged", (_, read) => {
    expect(endure(read)).toBe(texts.length);
  });
});
