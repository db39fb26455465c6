import { join } from "node:path";
import { numberText, Section } from "./bars.ts";
import { interleaved, median, pairedRatio } from "./interleaved.ts";
import { loopback } from "./link.ts";
import { measureAll, type Usage } from "./processes.ts";
import { startFakeCloud } from "./start-fake-cloud.ts";
import { packageOf } from "./upload.ts";
import type { UploadClient } from "./upload-clients.ts";

/** What the Action takes around the bytes: from its start to the end of sign-in and a package of 1 MiB, without delays. */
export async function benchStartUp(folder: string, action: UploadClient, quick: boolean): Promise<Section> {
  const section = new Section("start");
  const workspace = join(folder, "packages");
  const file = packageOf(workspace, 1);
  const cloud = await startFakeCloud(join(folder, "certificates"), loopback);
  try {
    const nothing = { command: process.execPath, args: ["-e", "0"] };
    const runs = await interleaved<Usage>(
      [
        { name: "action", run: () => measureAll(action.programs({ cloud, workspace, file })) },
        { name: "node", run: () => measureAll([nothing]) },
      ],
      quick ? 3 : 15,
    );
    const seconds = (name: string): number[] => (runs.get(name) ?? []).map((usage) => usage.seconds);
    section.tell(
      "Action, OIDC + Entra + 1 MiB",
      `${numberText(median(seconds("action")))} s, node -e 0 ${numberText(median(seconds("node")))} s`,
    );
    section.atMost("Action: time", pairedRatio(seconds("action"), seconds("node")), 6, "× node -e 0");
  } finally {
    await cloud.stop();
  }
  return section;
}
