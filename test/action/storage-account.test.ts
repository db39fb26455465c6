import { cloudOf } from "../../action/cloud.ts";
import { storageAccountFrom } from "../../action/storage-account.ts";
import { Problem } from "../../core/problem.ts";

const suffix = "blob.core.windows.net";

describe("storageAccountFrom", () => {
  it.each([
    ["vmappackages", "vmappackages", "https://vmappackages.blob.core.windows.net"],
    ["https://acct.blob.core.windows.net/", "acct", "https://acct.blob.core.windows.net"],
    ["acct.blob.core.chinacloudapi.cn", "acct", "https://acct.blob.core.chinacloudapi.cn"],
    ["https://acct.z01.blob.storage.azure.net", "acct", "https://acct.z01.blob.storage.azure.net"],
    [
      "https://127.0.0.1:10000/devstoreaccount1",
      "devstoreaccount1",
      "https://127.0.0.1:10000/devstoreaccount1",
    ],
  ])("reads %s", (text, name, blobEndpoint) => {
    expect(storageAccountFrom(text, suffix)).toEqual({ name, blobEndpoint });
  });

  it.each([
    "My-Account",
    "ab",
    "http://acct.blob.core.windows.net",
    "https://acct.blob.core.windows.net/incoming",
    "https://",
  ])("refuses %s", (text) => {
    expect(() => storageAccountFrom(text, suffix)).toThrow(Problem);
  });

  it.each([
    "https://acct.blob.core.windows.net/?sv=1&sig=SECRET",
    "http://acct.blob.core.windows.net/?sig=SECRET",
    "https://user:SECRET@acct.blob.core.windows.net",
    "https://a b?sig=SECRET",
  ])("refuses %s without repeating what is secret", (text) => {
    const message = messageOf(() => storageAccountFrom(text, suffix));

    expect(message).toMatch(/storage-account/);
    expect(message).not.toMatch(/SECRET/);
  });
});

describe("cloudOf", () => {
  it.each([
    [undefined, "api://AzureADTokenExchange", "blob.core.windows.net", true],
    ["", "api://AzureADTokenExchange", "blob.core.windows.net", true],
    ["https://login.microsoftonline.com/", "api://AzureADTokenExchange", "blob.core.windows.net", true],
    [
      "https://login.chinacloudapi.cn/",
      "api://AzureADTokenExchangeChina",
      "blob.core.chinacloudapi.cn",
      false,
    ],
    ["login.microsoftonline.us", "api://AzureADTokenExchangeUSGov", "blob.core.usgovcloudapi.net", false],
    ["https://127.0.0.1:8443", "api://AzureADTokenExchange", "blob.core.windows.net", false],
  ])("knows what %s needs", (authority, assertionAudience, blobSuffix, isPublic) => {
    expect(cloudOf(authority)).toMatchObject({ assertionAudience, blobSuffix, isPublic });
  });
});

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof Error ? `${error.message} ${error instanceof Problem ? error.nextStep : ""}` : "";
  }
  return "";
}
