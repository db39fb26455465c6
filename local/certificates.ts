import { randomBytes, webcrypto, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
// The library below needs its polyfill first.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** A server's certificate for 127.0.0.1 and localhost, and the authority that clients must trust to accept it. */
export type Certificates = {
  /** What NODE_EXTRA_CA_CERTS, REQUESTS_CA_BUNDLE and SSL_CERT_FILE point to. */
  readonly caFile: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
};

const dayMilliseconds = 86_400_000;
const lifetimeDays = 365;
const renewBeforeDays = 30;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Reads the certificates kept in `folder`, or makes new ones there when they are absent or soon to expire. */
export async function ensureCertificates(folder: string, now = Date.now()): Promise<Certificates> {
  const kept = await readCertificates(folder);
  if (kept && isFresh(kept, now)) return kept;
  await writeCertificates(folder, await makeCertificates(now));
  const made = await readCertificates(folder);
  if (!made) throw new Error(`certificates written to ${folder} are not there`);
  return made;
}

/** Makes this very process trust the authority too; others need its file named in their environment. */
export function trustInThisProcess(certificates: Pick<Certificates, "ca">): void {
  setDefaultCACertificates([...getCACertificates("default"), certificates.ca]);
}

/** The environment that makes Node, Python's requests, Go and OpenSSL trust the authority. */
export function trustEnvironment(certificates: Pick<Certificates, "caFile">): Record<string, string> {
  return {
    NODE_EXTRA_CA_CERTS: certificates.caFile,
    REQUESTS_CA_BUNDLE: certificates.caFile,
    SSL_CERT_FILE: certificates.caFile,
    CURL_CA_BUNDLE: certificates.caFile,
  };
}

async function readCertificates(folder: string): Promise<Certificates | undefined> {
  const [caFile, serverFile] = [join(folder, "ca.pem"), join(folder, "server.pem")];
  if (!existsSync(caFile) || !existsSync(serverFile)) return undefined;
  const [ca, server] = await Promise.all([readFile(caFile, "utf8"), readFile(serverFile, "utf8")]);
  const split = server.indexOf("-----BEGIN PRIVATE KEY-----");
  if (split < 0) return undefined;
  return { caFile, ca, certificate: server.slice(0, split), key: server.slice(split) };
}

function isFresh({ ca, certificate }: Certificates, now: number): boolean {
  const authority = new X509Certificate(ca);
  const server = new X509Certificate(certificate);
  const needed = now + renewBeforeDays * dayMilliseconds;
  // Two processes that start at once may mix their files, so the pair is checked, not only the dates.
  return server.verify(authority.publicKey) && server.validToDate.getTime() > needed;
}

async function writeCertificates(folder: string, made: { ca: string; server: string }): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = [
    ["server.pem", made.server, 0o600],
    ["ca.pem", made.ca, 0o644],
  ] as const;
  for (const [name, content, mode] of files) {
    const unfinished = join(folder, `.${name}-${randomBytes(4).toString("hex")}`);
    await writeFile(unfinished, content, { mode });
    await rename(unfinished, join(folder, name));
  }
}

/** The authority's key is not kept: whoever trusts the authority need only trust what was signed here. */
async function makeCertificates(now: number): Promise<{ ca: string; server: string }> {
  const [authorityKeys, serverKeys] = await Promise.all([makeKeys(), makeKeys()]);
  const dates = {
    notBefore: new Date(now - dayMilliseconds),
    notAfter: new Date(now + lifetimeDays * dayMilliseconds),
  };
  const authority = await makeAuthority(authorityKeys, dates);
  const server = await makeServer(authority, authorityKeys.privateKey, serverKeys.publicKey, dates);
  const key = await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey);
  return {
    ca: `${authority.toString("pem")}\n`,
    server: `${server.toString("pem")}\n${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}

function makeKeys(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;
type Dates = { readonly notBefore: Date; readonly notAfter: Date };

async function makeAuthority(keys: CryptoKeyPair, dates: Dates): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: positiveSerial(),
    name: "CN=Local Azure authority",
    ...dates,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

async function makeServer(
  authority: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
  publicKey: webcrypto.CryptoKey,
  dates: Dates,
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    serialNumber: positiveSerial(),
    subject: "CN=localhost",
    issuer: authority.subject,
    ...dates,
    publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      // Python's strict verification (3.13) demands it.
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
}

/** Go refuses negative serials; a leading 0 to 7 keeps the first bit clear. */
function positiveSerial(): string {
  return `1${randomBytes(16).toString("hex").slice(1)}`;
}
