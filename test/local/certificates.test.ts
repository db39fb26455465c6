import { X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureCertificates } from "../../local/certificates.ts";

let folder: string;
const dayMilliseconds = 86_400_000;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "certificates-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("ensureCertificates", () => {
  it("makes a server certificate for this machine that the authority vouches for", async () => {
    const { ca, certificate } = await ensureCertificates(folder);
    const [authority, server] = [new X509Certificate(ca), new X509Certificate(certificate)];
    expect(server.checkIssued(authority) && server.verify(authority.publicKey)).toBe(true);
    expect([authority.ca, server.ca]).toEqual([true, false]);
    expect([server.checkIP("127.0.0.1"), server.checkHost("localhost")]).toEqual(["127.0.0.1", "localhost"]);
    expect([authority, server].map(({ serialNumber }) => serialNumber)).toEqual([
      expect.stringMatching(/^[0-7]/),
      expect.stringMatching(/^[0-7]/),
    ]);
  });

  it.each([
    [300, true],
    [340, false],
  ])("after %i days keeps what it made: %s", async (days, kept) => {
    const first = await ensureCertificates(folder);
    const later = await ensureCertificates(folder, Date.now() + days * dayMilliseconds);
    expect(later.certificate === first.certificate).toBe(kept);
  });
});
