/** The OpenID configuration of the tenant, as clients read it before they ask for tokens. */
export function openidConfiguration(
  authority: string,
  tenantId: string,
  issuer: string,
): Record<string, unknown> {
  const tenant = `${authority}/${tenantId}`;
  return {
    issuer,
    token_endpoint: `${tenant}/oauth2/v2.0/token`,
    authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${tenant}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${tenant}/oauth2/v2.0/logout`,
    jwks_uri: `${tenant}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid", "profile", "offline_access"],
    tenant_region_scope: "WW",
  };
}

/**
 * The tenant by the name that Azure Stack Hub with AD FS has for it. Libraries ask login.microsoftonline.com whether an
 * unknown authority is genuine, except when it is an AD FS: so this is the door for tools that cannot be told not to ask.
 */
export const adfsTenant = "adfs";

/** The OpenID configuration of the tenant at its AD FS address. */
export function adfsConfiguration(authority: string, issuer: string): Record<string, unknown> {
  const server = `${authority}/${adfsTenant}`;
  return {
    issuer,
    token_endpoint: `${server}/oauth2/token/`,
    authorization_endpoint: `${server}/oauth2/authorize/`,
    device_authorization_endpoint: `${server}/oauth2/devicecode`,
    jwks_uri: `${server}/discovery/keys`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    response_types_supported: ["code"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid", "profile"],
  };
}

/** What `discovery/instance` says of a host: here, that it is its own cloud. */
export function instanceDiscovery(authority: string, tenantId: string): Record<string, unknown> {
  const { host } = new URL(authority);
  return {
    tenant_discovery_endpoint: `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}
