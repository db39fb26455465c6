/** What differs between Azure's clouds for a job that signs in and uploads. */
export interface Cloud {
  /** Entra's address, without a closing slash. */
  readonly authority: string;
  /** The audience of the GitHub token that Entra takes. */
  readonly assertionAudience: string;
  readonly blobSuffix: string;
  /** Whether this is the public cloud's own authority, the only one that knows all the others. */
  readonly isPublic: boolean;
}

const PUBLIC = "https://login.microsoftonline.com";

// Entra workload identity documentation, "audience"; endpoints as in the Azure CLI's table of clouds.
const CHINA = { audience: "api://AzureADTokenExchangeChina", blobSuffix: "blob.core.chinacloudapi.cn" };
const CLOUDS = new Map([
  [PUBLIC, { audience: "api://AzureADTokenExchange", blobSuffix: "blob.core.windows.net" }],
  ["https://login.chinacloudapi.cn", CHINA],
  ["https://login.partner.microsoftonline.cn", CHINA],
  [
    "https://login.microsoftonline.us",
    { audience: "api://AzureADTokenExchangeUSGov", blobSuffix: "blob.core.usgovcloudapi.net" },
  ],
]);

/** The cloud of an `AZURE_AUTHORITY_HOST`; the public one when there is none. An unknown authority counts as public-like. */
export function cloudOf(authorityHost: string | undefined): Cloud {
  const given = authorityHost === undefined || authorityHost === "" ? PUBLIC : authorityHost;
  const authority = (/^[a-z]+:\/\//i.test(given) ? given : `https://${given}`).replace(/\/+$/, "");
  const row = CLOUDS.get(authority.toLowerCase()) ?? CLOUDS.get(PUBLIC);
  return {
    authority,
    assertionAudience: row?.audience ?? "",
    blobSuffix: row?.blobSuffix ?? "",
    isPublic: authority.toLowerCase() === PUBLIC,
  };
}
