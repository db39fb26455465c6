import { accessIsGone } from "../../local/local-azure.ts";
import { writeProfile } from "../../local/profiles.ts";
import { aPackage, finalReport, runAction, startDeployment } from "./a-deployment.ts";

/** What the host's log or Azure shows when the story has come to a certain point. */
const moments = [
  ["while the submission is read", "readSubmission"],
  ["while the package is verified into the vault", "verifyIntoVault"],
  ["while access is granted", "accessLease"],
  ["while the version is put", "putVersion"],
  ["while it replicates", "readReplication"],
] as const;

describe("the functions host, killed with kill -9 and started again", () => {
  let deployment: Awaited<ReturnType<typeof startDeployment>>;

  beforeAll(async () => {
    deployment = await startDeployment();
    await writeProfile(deployment.azure, "flooperapp", { schema: 1, supportedOSType: "Linux" });
    await aPackage(deployment.workspace);
  });
  afterAll(() => deployment.stop());

  it.each(moments)("finishes the publication when it dies %s", async (moment, activity) => {
    const { azure, workspace } = deployment;
    const version = `1.${moments.findIndex(([name]) => name === moment)}.0`;
    const seen = azure.host.logs.length;
    await runAction(azure, workspace, { with: { version, wait: "none" } });
    while (!azure.host.logs.slice(seen).some((line) => line.includes(`Executing 'Functions.${activity}'`)))
      await azure.clock.sleep(1000);
    await azure.host.kill9();
    await azure.host.restart();
    const report = await finalReport(azure, `flooperapp ${version}`, "run-");
    expect(report.outcome).toBe("published");
    expect(await accessIsGone(azure)).toBe(true);
  });
});
