import { type Bundle, bundleFromJSON, isBundleWithDsseEnvelope } from "@sigstore/bundle";
import { X509Certificate } from "@sigstore/core";
import { toSignedEntity, type TrustMaterial, Verifier } from "@sigstore/verify";
import { MAX_DOCUMENT_BYTES, parseUntrustedJson } from "../../core/json.ts";
import type { Attestation } from "../../core/provenance.ts";
import type { SigstoreInstance } from "../../core/publishers.ts";
import { certificateFacts } from "./certificate-facts.ts";
import { PAYLOAD_TYPE, readStatement } from "./statement.ts";

// Not configurable: lower, and a stolen key or a silent certificate authority would go unseen. GitHub's own instance
// has no transparency logs; its timestamps come from a timestamp authority.
const THRESHOLDS = {
  "public-good": { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 },
  github: { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 1 },
} as const satisfies Record<SigstoreInstance, object>;

/** An attestation that is genuine, or why a bundle is none. */
export type Verdict = { readonly attestation: Attestation } | { readonly fault: string };

/**
 * Verifies a Sigstore bundle offline: signature, certificate chain, transparency logs and timestamps, by the trust
 * material of `instance` and nothing that the bundle brings along. What the attestation is worth, is not judged.
 */
export function verifyBundle(text: string, instance: SigstoreInstance, trusted: TrustMaterial): Verdict {
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) {
    return { fault: `it has more than the ${MAX_DOCUMENT_BYTES} bytes that are read` };
  }
  let bundle: Bundle;
  try {
    bundle = bundleFromJSON(parseUntrustedJson(text, "bundle"));
  } catch (error) {
    return { fault: `it is no Sigstore bundle (${messageOf(error)})` };
  }
  if (!isBundleWithDsseEnvelope(bundle)) return { fault: "it signs a file, but is no attestation" };
  const certificate = certificateOf(bundle);
  if (!certificate) return { fault: "it is signed with a bare key instead of a certificate" };
  try {
    new Verifier(trusted, THRESHOLDS[instance]).verify(toSignedEntity(bundle));
    const { payload, payloadType } = bundle.content.dsseEnvelope;
    const statement = payloadType === PAYLOAD_TYPE ? readStatement(payload) : undefined;
    if (!statement) return { fault: "what it signs is no in-toto statement" };
    const facts = certificateFacts(X509Certificate.parse(Buffer.from(certificate)));
    return { attestation: { instance, certificate: facts, ...statement } };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

function certificateOf({ verificationMaterial: { content } }: Bundle): Uint8Array | undefined {
  if (content.$case === "certificate") return content.certificate.rawBytes;
  // The verifier takes the first certificate of a chain, too.
  return content.$case === "x509CertificateChain"
    ? content.x509CertificateChain.certificates[0]?.rawBytes
    : undefined;
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").slice(0, 200);
}
