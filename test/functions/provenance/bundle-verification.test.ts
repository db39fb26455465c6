import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toTrustMaterial, type TrustMaterial } from "@sigstore/verify";
import type { SigstoreInstance } from "../../../core/publishers.ts";
import { verifyBundle } from "../../../functions/provenance/bundle-verification.ts";
import { rightBuild, startSigstore } from "./a-sigstore.ts";

const SHA256 = "a".repeat(64);
type Sigstore = Awaited<ReturnType<typeof startSigstore>>;

function trust({ trustedRoot }: Sigstore): TrustMaterial {
  return toTrustMaterial(TrustedRoot.fromJSON(trustedRoot));
}

/** The bundle with a part of it changed. */
function changed(bundle: string, change: (parts: any) => void): string {
  const parts = JSON.parse(bundle);
  change(parts);
  return JSON.stringify(parts);
}

/** Base64 of the same bytes but for one bit. */
function flipped(text: string, at = 20): string {
  const bytes = Buffer.from(text, "base64");
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString("base64");
}

describe("verifyBundle", () => {
  let sigstore: Sigstore;
  let trusted: TrustMaterial;
  let bundle: string;

  beforeAll(async () => {
    sigstore = await startSigstore();
    trusted = trust(sigstore);
    bundle = await sigstore.attest({ sha256: SHA256 });
  });

  it("reads who built what from a good bundle", () => {
    expect(verifyBundle(bundle, "public-good", trusted)).toEqual({
      attestation: {
        instance: "public-good",
        certificate: rightBuild,
        predicateType: "https://slsa.dev/provenance/v1",
        subjects: [SHA256],
      },
    });
  });

  it("takes a bundle of GitHub's own services, which keep no log but stamp the time", async () => {
    const github = await startSigstore("github");
    const signed = await github.attest({ sha256: SHA256 });
    expect(verifyBundle(signed, "github", trust(github))).toMatchObject({
      attestation: { instance: "github" },
    });
  });

  it.each<[SigstoreInstance, SigstoreInstance]>([
    ["github", "public-good"],
    ["public-good", "github"],
  ])("refuses a bundle that %s signed by the root of %s", async (signs, rules) => {
    const signed = await (await startSigstore(signs)).attest({ sha256: SHA256 });
    const root = trust(await startSigstore(rules));
    expect(verifyBundle(signed, rules, root)).toHaveProperty("fault");
  });

  it("asks more of the public services than GitHub's own give", async () => {
    const github = await startSigstore("github");
    const signed = await github.attest({ sha256: SHA256 });
    expect(verifyBundle(signed, "public-good", trust(github))).toHaveProperty("fault");
  });

  it("refuses a bundle of other services", async () => {
    const others = await startSigstore();
    expect(verifyBundle(await others.attest({ sha256: SHA256 }), "public-good", trusted)).toHaveProperty(
      "fault",
    );
  });

  it.each<[string, (parts: any) => void]>([
    ["a bit of the payload", (b) => (b.dsseEnvelope.payload = flipped(b.dsseEnvelope.payload))],
    [
      "a bit of the signature",
      (b) => (b.dsseEnvelope.signatures[0].sig = flipped(b.dsseEnvelope.signatures[0].sig)),
    ],
    ["another payload type", (b) => (b.dsseEnvelope.payloadType = "application/json")],
    ["no signature", (b) => (b.dsseEnvelope.signatures = [])],
    ["no log entry", (b) => (b.verificationMaterial.tlogEntries = [])],
    [
      "no log entry but an unknown timestamp",
      (b) => {
        b.verificationMaterial.tlogEntries = [];
        b.verificationMaterial.timestampVerificationData = {
          rfc3161Timestamps: [{ signedTimestamp: "MAA=" }],
        };
      },
    ],
    ["another time of logging", (b) => (b.verificationMaterial.tlogEntries[0].integratedTime = "1700000000")],
    [
      "a bit of the promise of the log",
      (b) => {
        const { inclusionPromise } = b.verificationMaterial.tlogEntries[0];
        inclusionPromise.signedEntryTimestamp = flipped(inclusionPromise.signedEntryTimestamp);
      },
    ],
    [
      "a bit of the certificate",
      (b) =>
        (b.verificationMaterial.certificate.rawBytes = flipped(
          b.verificationMaterial.certificate.rawBytes,
          300,
        )),
    ],
    ["no certificate", (b) => delete b.verificationMaterial.certificate],
    [
      "a bare key",
      (b) => {
        delete b.verificationMaterial.certificate;
        b.verificationMaterial.publicKey = { hint: "mine" };
      },
    ],
    [
      "a signed file in place of a statement",
      (b) => {
        b.messageSignature = {
          messageDigest: { algorithm: "SHA2_256", digest: Buffer.from(SHA256, "hex").toString("base64") },
          signature: b.dsseEnvelope.signatures[0].sig,
        };
        delete b.dsseEnvelope;
      },
    ],
  ])("refuses a bundle with %s", (_, change) => {
    expect(verifyBundle(changed(bundle, change), "public-good", trusted)).toEqual({
      fault: expect.any(String),
    });
  });

  it.each(["", "{}", "[]", "null", "no json", '{"a":1,"a":2}', " ".repeat(70_000) + "{}"])(
    "refuses %j as no bundle",
    (text) => {
      expect(verifyBundle(text, "public-good", trusted)).toEqual({ fault: expect.any(String) });
    },
  );

  it.each<[string, object]>([
    ["is no JSON", { payload: "hello" }],
    ["is no in-toto statement", { payload: '{"subject":[]}' }],
    [
      "says a thing twice",
      { payload: '{"_type":"https://in-toto.io/Statement/v1","subject":[],"subject":[]}' },
    ],
    ["is of another type", { payloadType: "text/plain" }],
  ])("refuses what was signed well but %s", async (_, build) => {
    const signed = await sigstore.attest({ sha256: SHA256, ...build });
    expect(verifyBundle(signed, "public-good", trusted)).toEqual({
      fault: "what it signs is no in-toto statement",
    });
  });

  it("refuses a certificate that no log of certificates has seen", async () => {
    const signed = await sigstore.attest({ sha256: SHA256, isCertificateLogged: false });
    expect(verifyBundle(signed, "public-good", trusted)).toEqual({ fault: "expected 1 SCTs, got 0" });
  });

  it("refuses a signature that no transparency log has seen, although its time is proven", async () => {
    const signed = await sigstore.attest({ sha256: SHA256, proof: "time" });
    expect(verifyBundle(signed, "public-good", trusted)).toEqual({ fault: "expected 1 tlog entries, got 0" });
  });

  it("refuses a signature whose time is not proven, although a log has seen it", () => {
    const timeless = changed(bundle, (b) => delete b.verificationMaterial.tlogEntries[0].inclusionPromise);
    expect(verifyBundle(timeless, "public-good", trusted)).toEqual({ fault: "expected 1 timestamps, got 0" });
  });

  it("refuses a bundle of GitHub's own services without a timestamp", async () => {
    const github = await startSigstore("github");
    const timeless = changed(await github.attest({ sha256: SHA256 }), (b) => {
      delete b.verificationMaterial.timestampVerificationData;
    });
    expect(verifyBundle(timeless, "github", trust(github))).toEqual({
      fault: "expected 1 timestamps, got 0",
    });
  });
});
