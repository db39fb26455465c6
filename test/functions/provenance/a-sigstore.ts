import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { dsse } from "@sigstore/core";
// Not from the package's entry, which has nock take over this process's HTTP.
import { initializeCA, initializeCTLog } from "@sigstore/mock/dist/fulcio/index.js";
import { initializeTLog } from "@sigstore/mock/dist/rekor/index.js";
import { initializeTSA } from "@sigstore/mock/dist/timestamp/index.js";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import type { SigstoreInstance } from "../../../core/publishers.ts";
import { PAYLOAD_TYPE } from "../../../functions/provenance/statement.ts";

/** The build that tests take for the right one: `flooperapp 1.2.0` of contoso/flooper. */
export const rightBuild = {
  issuer: "https://token.actions.githubusercontent.com",
  signer: "https://github.com/contoso/flooper/.github/workflows/release.yml@refs/tags/v1.2.0",
  buildSigner: "https://github.com/contoso/flooper/.github/workflows/release.yml@refs/tags/v1.2.0",
  buildConfig: "https://github.com/contoso/flooper/.github/workflows/release.yml@refs/tags/v1.2.0",
  runner: "github-hosted",
  repository: "https://github.com/contoso/flooper",
  commit: "5fbd6a1dfbd1e8a3a2d5f4c3b2a19081706f5e4d",
  ref: "refs/tags/v1.2.0",
  repositoryId: "1001",
  ownerId: "77",
  trigger: "release",
  runUrl: "https://github.com/contoso/flooper/actions/runs/4711/attempts/1",
};

/** The profile's entry for that build. */
export const rightPublisher = {
  repositoryId: "1001",
  ownerId: "77",
  workflow: "contoso/flooper/.github/workflows/release.yml",
  ref: "refs/tags/v{version}",
};

/** A certificate's fact → the last number of its extension's OID. */
const EXTENSIONS = {
  issuer: 8,
  buildSigner: 9,
  runner: 11,
  repository: 12,
  commit: 13,
  ref: 14,
  repositoryId: 15,
  ownerId: 17,
  buildConfig: 18,
  trigger: 20,
  runUrl: 21,
} as const;

export interface Build {
  readonly sha256: string;
  /** Facts of the certificate that are not those of the right build; undefined leaves one out. */
  readonly facts?: Partial<Record<keyof typeof rightBuild, string | undefined>>;
  readonly predicateType?: string;
  readonly payloadType?: string;
  /** In place of the statement. */
  readonly payload?: string;
  /** How it is known when it was signed. Default: as the instance does it. */
  readonly proof?: "log" | "time";
  /** Whether a log of certificates has seen the certificate. Default: as the instance does it. */
  readonly isCertificateLogged?: boolean;
}

const newKeys = () => generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
const base64 = (bytes: ArrayBufferView): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

/** Sigstore's services with keys of their own: an authority, a log of certificates, one of signatures, one of time. */
export async function startSigstore(instance: SigstoreInstance = "public-good") {
  const keys = { ca: newKeys(), ctLog: newKeys(), tLog: newKeys(), tsa: newKeys() };
  const url = "https://rekor.example";
  // One whole second for all: fractions that end in a zero are written so that nobody can read them.
  const at = new Date(Math.ceil(Date.now() / 1000) * 1000);
  const ctLog = await initializeCTLog(keys.ctLog, at);
  const cas = {
    logged: await initializeCA(keys.ca, ctLog, at),
    silent: await initializeCA(keys.ca, undefined, at),
  };
  const tLog: { publicKey: Buffer; log(entry: object): Promise<Record<string, LogEntry>> } =
    await initializeTLog(url, keys.tLog, at);
  const tsa = await initializeTSA(keys.tsa, at);
  const validFor = { start: new Date(Date.now() - 3_600_000).toISOString() };
  const log = (publicKey: Uint8Array) => ({
    baseUrl: url,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: base64(publicKey), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor },
    logId: { keyId: sha256(publicKey).toString("base64") },
  });
  const authority = (...certificates: ArrayBufferView[]) => ({
    subject: { organization: "sigstore.mock", commonName: "sigstore" },
    uri: "https://fulcio.example",
    certChain: { certificates: certificates.map((bytes) => ({ rawBytes: base64(bytes) })) },
    validFor,
  });

  /** The `trusted_root.json` of these services. */
  const trustedRoot = TrustedRoot.toJSON(
    TrustedRoot.fromJSON({
      mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      tlogs: instance === "public-good" ? [log(tLog.publicKey)] : [],
      ctlogs: instance === "public-good" ? [log(ctLog.publicKey)] : [],
      certificateAuthorities: [authority(cas.logged.rootCertificate), authority(cas.silent.rootCertificate)],
      timestampAuthorities: [authority(tsa.intCertificate, tsa.rootCertificate)],
    }),
  );

  return {
    trustedRoot,

    /** The bundle that a build gets for its package. */
    async attest(build: Build): Promise<string> {
      const payloadType = build.payloadType ?? PAYLOAD_TYPE;
      const payload = Buffer.from(build.payload ?? statement(build));
      const { publicKey, privateKey } = newKeys();
      const facts = { ...rightBuild, ...build.facts };
      const isLogged = build.isCertificateLogged ?? instance === "public-good";
      const certificate = await cas[isLogged ? "logged" : "silent"].issueCertificate({
        publicKey: publicKey.export({ type: "spki", format: "der" }),
        subjectAltName: facts.signer ?? "",
        extensions: Object.entries(EXTENSIONS).flatMap(([name, number]) => {
          const value = facts[name as keyof typeof EXTENSIONS];
          return value === undefined ? [] : { oid: `1.3.6.1.4.1.57264.1.${number}`, value };
        }),
      });
      const signature = sign("sha256", dsse.preAuthEncoding(payloadType, payload), privateKey);
      const proof =
        (build.proof ?? (instance === "public-good" ? "log" : "time")) === "log"
          ? { tlogEntries: [await logged(tLog, payload, signature, certificate)] }
          : { tlogEntries: [], timestampVerificationData: await timestamped(tsa, signature) };
      return JSON.stringify({
        mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        verificationMaterial: { certificate: { rawBytes: base64(certificate) }, ...proof },
        dsseEnvelope: {
          payload: payload.toString("base64"),
          payloadType,
          signatures: [{ sig: signature.toString("base64"), keyid: "" }],
        },
      });
    },
  };
}

function statement({ sha256, predicateType = "https://slsa.dev/provenance/v1" }: Build): string {
  return JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "app.tar.gz", digest: { sha256 } }],
    predicateType,
    predicate: { buildDefinition: { buildType: "https://actions.github.io/buildtypes/workflow/v1" } },
  });
}

interface LogEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly logIndex: number;
      readonly treeSize: number;
      readonly rootHash: string;
      readonly checkpoint: string;
    };
  };
}

async function logged(
  tLog: { log(entry: object): Promise<Record<string, LogEntry>> },
  payload: Buffer,
  signature: Buffer,
  certificate: ArrayBufferView,
): Promise<object> {
  const pem = `-----BEGIN CERTIFICATE-----\n${base64(certificate)}\n-----END CERTIFICATE-----\n`;
  const answer = await tLog.log({
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      payloadHash: { algorithm: "sha256", value: sha256(payload).toString("hex") },
      signatures: [
        { signature: signature.toString("base64"), verifier: Buffer.from(pem).toString("base64") },
      ],
    },
  });
  const [entry] = Object.values(answer);
  if (!entry) throw new Error("the log answered with no entry");
  const { signedEntryTimestamp, inclusionProof } = entry.verification;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: Buffer.from(entry.logID, "hex").toString("base64") },
    kindVersion: { kind: "dsse", version: "0.0.1" },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(inclusionProof.logIndex),
      rootHash: Buffer.from(inclusionProof.rootHash, "hex").toString("base64"),
      treeSize: String(inclusionProof.treeSize),
      hashes: [],
      checkpoint: { envelope: inclusionProof.checkpoint },
    },
    canonicalizedBody: entry.body,
  };
}

async function timestamped(
  tsa: Awaited<ReturnType<typeof initializeTSA>>,
  signature: Buffer,
): Promise<object> {
  const token = await tsa.timestamp({
    artifactHash: sha256(signature),
    hashAlgorithmOID: "2.16.840.1.101.3.4.2.1",
    nonce: 1,
    policyOID: "1.2.3.4.5",
  });
  return { rfc3161Timestamps: [{ signedTimestamp: base64(token) }] };
}
