import { secretsIn, withoutSecrets } from "../../core/secrets.ts";

// Put together here, so that nobody's scanner takes this file for a leak.
const key = "A1b2".repeat(22);

describe("secretsIn", () => {
  it.each([
    [`curl "https://a.blob.core.windows.net/c/x?sv=1&sig=${key}"`, "the signature of a SAS"],
    [`AccountName=a;AccountKey=${key}==;`, "a storage account key"],
    [`Endpoint=sb://x;SharedAccessKey=${key}=`, "a shared access key"],
    [["echo ", "-----BEGIN RSA", "PRIVATE KEY-----"].join(" "), "a private key"],
    [["git clone ghp", key.slice(0, 36)].join("_"), "a GitHub token"],
    [`curl -H "Authorization: Bearer eyJ${key}.eyJ${key}.${key}"`, "a JSON web token"],
    [["az login -p abc8Q", key.slice(0, 34)].join("~"), "an Entra client secret"],
    ["curl https://me:hunter2@example.com/x", "a password in an address"],
  ])("is sure about %j", (text, what) => {
    expect(secretsIn(text)).toEqual([{ what, isSure: true }]);
  });

  it.each([
    "setup.exe /password hunter22",
    "./install.sh --api-key abcdef123",
    "DB_PASSWORD=hunter22 ./install.sh",
    'msiexec /i a.msi LICENSEKEY="ABCD-EFGH"',
  ])("suspects %j", (text) => {
    expect(secretsIn(text)).toEqual([{ what: "a password or key", isSure: false }]);
  });

  it.each([
    "tar xzf flooper.tar.gz && ./install.sh",
    "PASSWORD=$(az keyvault secret show --name x --query value) ./install.sh",
    'setup.exe /password "%PASSWORD%"',
    "./install.sh --token-file /run/token",
    "./install.sh --password-file /run/secret",
    "echo $TOKEN | ./login",
    "apt-get install -y passwd",
    "curl https://example.com/a@b",
    "systemctl restart secret-service",
  ])("lets %j be", (text) => {
    expect(secretsIn(text)).toEqual([]);
  });
});

describe("withoutSecrets", () => {
  it("leaves out what looks like a secret and nothing else", () => {
    const text = `wget "https://a/x?sv=1&sig=${key}" && setup --password hunter22 --quiet`;

    const shown = withoutSecrets(text);

    expect(shown).toMatch(/^wget "https:\/\/a\/x\?sv=1\*\*\*" && setup \*\*\* --quiet$/);
    expect(shown).not.toContain("hunter22");
  });
});
