import { itLeasesAccess } from "../contracts/access-port.ts";
import { itTakesFiles } from "../contracts/drop-box-port.ts";
import { itPublishesVersions } from "../contracts/gallery-port.ts";
import { itKeepsPackages } from "../contracts/packages-port.ts";
import { itKeepsReports } from "../contracts/reports-port.ts";
import {
  InMemoryAccess,
  InMemoryDropBox,
  InMemoryGallery,
  InMemoryPackages,
  InMemoryReports,
} from "./in-memory-ports.ts";
import { virtualClock } from "./story-runner.ts";

describe("InMemoryPackages", () => {
  itKeepsPackages(async () => {
    const packages = new InMemoryPackages();
    return {
      packages,
      drop: async (path, bytes) => void packages.drop(path, bytes),
      remove: async (path) => void packages.dropped.delete(path),
      vaultBytes: async (path) => packages.vault.get(path),
      writeProfile: async (application, text) => void packages.profiles.set(application, text),
    };
  });
});

describe("InMemoryDropBox", () => {
  itTakesFiles(async () => {
    const packages = new InMemoryPackages();
    return {
      dropBox: new InMemoryDropBox(packages),
      bytesAt: async (path) => packages.dropped.get(path)?.bytes,
    };
  });
});

describe("InMemoryReports", () => {
  itKeepsReports(async () => new InMemoryReports());
});

describe("InMemoryAccess", () => {
  itLeasesAccess(async () => {
    const access = new InMemoryAccess(virtualClock());
    const principalId = "p1";
    return {
      access,
      principalId,
      assignBySomebody: async () => access.assignBySomebody(principalId),
      assignments: async () => access.assignments.size,
    };
  });
});

describe("InMemoryGallery", () => {
  itPublishesVersions(async () => {
    const clock = virtualClock();
    const packages = new InMemoryPackages();
    const access = new InMemoryAccess(clock);
    const gallery = new InMemoryGallery(clock, packages, access);
    await access.grant(gallery.principalId);
    await packages.writeIntoVault("hammerapp/1.2.0/x/app.tar.gz", "some bytes");
    return {
      gallery,
      source: { mediaLink: packages.vaultUrl("hammerapp/1.2.0/x/app.tar.gz") },
      finishReplication: async () => clock.pass(gallery.replicationSeconds),
      lockPackages: async () => {
        await access.revoke(gallery.principalId);
      },
    };
  });
});
