import type { X509Certificate } from "@sigstore/core";
import type { CertificateFacts } from "../../core/provenance.ts";

// Fulcio's table of extensions (sigstore/fulcio, docs/oid-info.md). Those below 8 are older forms of the same.
const FULCIO = "1.3.6.1.4.1.57264.1";
const UTF8_STRING = 0x0c;

/** What a signing certificate of Sigstore's says of a build on GitHub. */
export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const fact = (number: number): string | undefined => extensionText(certificate, `${FULCIO}.${number}`);
  return {
    issuer: fact(8),
    signer: certificate.extSubjectAltName?.uri,
    buildSigner: fact(9),
    runner: fact(11),
    repository: fact(12),
    commit: fact(13),
    ref: fact(14),
    repositoryId: fact(15),
    ownerId: fact(17),
    buildConfig: fact(18),
    trigger: fact(20),
    runUrl: fact(21),
  };
}

function extensionText(certificate: X509Certificate, oid: string): string | undefined {
  // What has been signed twice could be read either way.
  const found = certificate.extensions.filter((extension) => extension.subs[0]?.toOID() === oid);
  const value = found.length === 1 ? certificate.extension(oid)?.valueObj.subs[0] : undefined;
  return value?.toDER()[0] === UTF8_STRING ? value.value.toString("utf8") : undefined;
}
