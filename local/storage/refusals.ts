import { randomUUID } from "node:crypto";

/** Why storage does not serve a request. */
export type Refusal = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The refusals of the storage service that concern access, with Azure's codes and words. */
export const refusals = {
  firewall: refuse(403, "AuthorizationFailure", "This request is not authorized to perform this operation."),
  missingRight: refuse(
    403,
    "AuthorizationPermissionMismatch",
    "This request is not authorized to perform this operation using this permission.",
  ),
  sharedKey: refuse(
    403,
    "KeyBasedAuthenticationNotPermitted",
    "Key based authentication is not permitted on this storage account.",
  ),
  badSignature: refuse(
    403,
    "AuthenticationFailed",
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
  ),
  publicAccess: refuse(
    409,
    "PublicAccessNotPermitted",
    "Public access is not permitted on this storage account.",
  ),
  notFound: refuse(404, "ResourceNotFound", "The specified resource does not exist."),
  badAddress: refuse(400, "InvalidUri", "The requested URI does not represent any resource on the server."),
} as const;

/** A token that is missing its mark: expired, forged, or for another audience. */
export function badToken(authorizationUri: string): Refusal {
  return {
    ...refuse(
      401,
      "InvalidAuthenticationInfo",
      "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    ),
    headers: {
      "www-authenticate": `Bearer authorization_uri=${authorizationUri} resource_id=https://storage.azure.com`,
    },
  };
}

/** What the local storage does not do, told loudly so that nobody takes it for Azure's answer. */
export function notSupported(what: string): Refusal {
  return refuse(501, "NotSupportedLocally", `The local storage does not support ${what}.`);
}

/** The storage itself went wrong. */
export function internalError(message: string): Refusal {
  return refuse(500, "InternalError", message);
}

/** The headers and the XML of a refusal. */
export function renderRefusal(
  { status, code, message, headers }: Refusal,
  clientRequestId: string | undefined,
): { readonly status: number; readonly headers: Record<string, string>; readonly body: string } {
  const requestId = randomUUID();
  const details = `${message}\nRequestId:${requestId}\nTime:${new Date().toISOString()}`;
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${escapeXml(details)}</Message></Error>`;
  return {
    status,
    headers: {
      "content-type": "application/xml",
      "content-length": String(Buffer.byteLength(body)),
      "x-ms-error-code": code,
      "x-ms-request-id": requestId,
      ...(clientRequestId !== undefined && { "x-ms-client-request-id": clientRequestId }),
      ...headers,
    },
    body,
  };
}

function refuse(status: number, code: string, message: string): Refusal {
  return { status, code, message };
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
