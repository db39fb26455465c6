import { quoted } from "../core/application.ts";
import { Problem } from "../core/problem.ts";

/** Azure's clouds by the names that the Azure CLI and azure/login give them. */
export const cloudNames = ["AzureCloud", "AzureChinaCloud", "AzureUSGovernment"] as const;

type CloudName = (typeof cloudNames)[number];

/** What differs between Azure's clouds for a job that signs in and uploads. */
export interface Cloud {
  readonly name: CloudName;
  /** Entra's address, without a closing slash. */
  readonly authority: string;
  /** The audience of the GitHub token that Entra takes. */
  readonly assertionAudience: string;
  readonly blobSuffix: string;
  /** Whether this is the public cloud's own authority, the only one that knows all the others. */
  readonly isPublic: boolean;
}

/** Free endpoints, for a cloud that is none of the three; what is absent is the named cloud's. */
export interface CloudChoice {
  readonly name?: string;
  readonly authorityHost?: string;
  readonly assertionAudience?: string;
}

// Entra workload identity documentation, "audience"; endpoints as in the Azure CLI's table of clouds. The audience of
// storage tokens is the same in all of them (Storage documentation, "Authorize access with Microsoft Entra ID").
const CLOUDS: Readonly<Record<CloudName, Omit<Cloud, "name" | "isPublic">>> = {
  AzureCloud: {
    authority: "https://login.microsoftonline.com",
    assertionAudience: "api://AzureADTokenExchange",
    blobSuffix: "blob.core.windows.net",
  },
  AzureChinaCloud: {
    authority: "https://login.chinacloudapi.cn",
    assertionAudience: "api://AzureADTokenExchangeChina",
    blobSuffix: "blob.core.chinacloudapi.cn",
  },
  AzureUSGovernment: {
    authority: "https://login.microsoftonline.us",
    assertionAudience: "api://AzureADTokenExchangeUSGov",
    blobSuffix: "blob.core.usgovcloudapi.net",
  },
};
const OTHER_AUTHORITIES = new Map<string, CloudName>([
  ["https://login.partner.microsoftonline.cn", "AzureChinaCloud"],
]);

/** The cloud that a workflow chose. Without a name, the authority tells which it is; an unknown one counts as public-like. */
export function cloudFrom(choice: CloudChoice): Cloud {
  const authority = authorityFrom(choice.authorityHost);
  const name = choice.name ? nameFrom(choice.name) : nameOfAuthority(authority);
  const row = CLOUDS[name];
  const chosen = authority ?? row.authority;
  return {
    name,
    authority: chosen,
    assertionAudience: choice.assertionAudience ?? row.assertionAudience,
    blobSuffix: row.blobSuffix,
    isPublic: chosen.toLowerCase() === CLOUDS.AzureCloud.authority,
  };
}

/** The cloud of an `AZURE_AUTHORITY_HOST`; the public one when there is none. */
export function cloudOf(authorityHost: string | undefined): Cloud {
  return cloudFrom(authorityHost === undefined ? {} : { authorityHost });
}

function nameFrom(text: string): CloudName {
  const found = cloudNames.find((name) => name.toLowerCase() === text.toLowerCase());
  if (found) return found;
  const known = cloudNames.join(", ");
  throw new Problem(
    "bad-input",
    `input cloud ${quoted(text)} is none of ${known}`,
    "Pass one of them, or authority-host, oidc-audience and the blob endpoint as storage-account for another cloud.",
  );
}

function authorityFrom(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  if (url?.protocol === "https:" && !url.search && !url.username) {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  }
  throw new Problem(
    "bad-input",
    `the authority ${quoted(text.replace(/\?.*$/s, "?..."))} is not an https address`,
    'Pass Entra\'s address as authority-host, e.g. "https://login.microsoftonline.us".',
  );
}

function nameOfAuthority(authority: string | undefined): CloudName {
  const key = authority?.toLowerCase() ?? "";
  return (
    OTHER_AUTHORITIES.get(key) ?? cloudNames.find((name) => CLOUDS[name].authority === key) ?? "AzureCloud"
  );
}
