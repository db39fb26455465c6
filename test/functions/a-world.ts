import type { Drop } from "../../core/naming.ts";
import { parseReport, type Report } from "../../core/report.ts";
import type { LegacySource } from "../../core/legacy-source.ts";
import { createActivities } from "../../functions/activities.ts";
import { publishRelease } from "../../functions/orchestrators/publish-release.ts";
import { reconcile } from "../../functions/orchestrators/reconcile.ts";
import type { Ports } from "../../functions/ports.ts";
import { createVersionUpdates } from "../../functions/version-updates.ts";
import {
  digestOf,
  InMemoryAccess,
  InMemoryAttestations,
  InMemoryDropBox,
  InMemoryGallery,
  InMemoryPackages,
  InMemoryReports,
} from "./in-memory-ports.ts";
import { InMemoryEntities } from "./in-memory-entities.ts";
import { InMemoryStories, storyActivitiesOn } from "./in-memory-stories.ts";
import { type Happening, runStory, type Told, virtualClock } from "./story-runner.ts";

export const CONTENT = "the bytes of a package";
export const RUN = "run-1-1-0a1b2c3d";

/** A fault of a port: thrown instead of the call, or after it had its effect. */
export interface Fault {
  readonly error: Error;
  readonly when?: "before" | "after";
}

/** A drop of `flooperapp 1.2.0`. */
export function aDrop(fields: Partial<Drop> = {}): Drop {
  return { application: "flooperapp", version: "1.2.0", folder: RUN, ...fields };
}

/** A manifest of `flooperapp 1.2.0`; a value of undefined leaves the field out. */
export function aManifest(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    schema: 1,
    application: "flooperapp",
    version: "1.2.0",
    package: { file: "app.tar.gz", size: CONTENT.length, sha256: digestOf(CONTENT) },
    install: "install.sh",
    remove: "remove.sh",
    targetRegions: ["eastus", "westeurope", "japaneast"],
    ...fields,
  });
}

/** A profile of `flooperapp` that allows drops by hand. */
export function aProfile(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    schema: 1,
    supportedOSType: "Linux",
    install: "install.sh",
    remove: "remove.sh",
    targetRegions: ["eastus", "westeurope", "japaneast"],
    ...fields,
  });
}

/** An Azure in memory with the gallery application `flooperapp`, and what a story makes of it. */
export function aWorld({
  graceSeconds = 0,
  legacySources = [],
  functionAppId,
}: { graceSeconds?: number; legacySources?: readonly LegacySource[]; functionAppId?: string } = {}) {
  const clock = virtualClock();
  const packages = new InMemoryPackages();
  const dropBox = new InMemoryDropBox(packages);
  const access = new InMemoryAccess(clock);
  const gallery = new InMemoryGallery(clock, packages, access);
  const legacyAccess = new InMemoryAccess(clock, "legacy");
  gallery.legacyAccess = legacyAccess;
  const reports = new InMemoryReports();
  const attestations = new InMemoryAttestations();
  const faults = new Map<string, Fault[]>();
  gallery.applications.add("flooperapp");
  packages.clock = clock;
  reports.clock = clock;

  const ports: Ports = {
    packages: faulty(packages, "packages", faults),
    dropBox: faulty(dropBox, "dropBox", faults),
    gallery: faulty(gallery, "gallery", faults),
    access: faulty(access, "access", faults),
    legacyAccess: (place) => (legacySources.some(({ id }) => id === place) ? legacyAccess : undefined),
    legacyPlaces: legacySources.map(({ id }) => id),
    reports: faulty(reports, "reports", faults),
    attestations,
  };
  const names = {
    galleryRole: "Storage Blob Data Reader",
    galleryScope: "/the/scope",
    galleryIdentity: "(system-assigned)",
  };
  const stories = new InMemoryStories();
  const updates = createVersionUpdates(ports, names, legacySources);
  const activities = {
    ...updates,
    ...createActivities(ports, names, { access: "leased", functionAppId }),
    ...storyActivitiesOn(stories, ports, names),
  };
  const entities = new InMemoryEntities(ports, graceSeconds, names);

  return {
    clock,
    packages,
    dropBox,
    access,
    legacyAccess,
    gallery,
    reports,
    attestations,
    ports,
    activities,
    stories,
    entities,

    /** Puts a whole submission into the drop box, as the Action does. */
    submit(manifest: Record<string, unknown> = {}, folder = RUN): void {
      packages.drop(`flooperapp/1.2.0/${folder}/app.tar.gz`, CONTENT);
      packages.drop(`flooperapp/1.2.0/${folder}/manifest.json`, aManifest(manifest));
    },

    /** Has the next calls of a port's method, such as `gallery.putVersion`, go wrong. */
    fail(method: string, ...errors: (Error | Fault)[]): void {
      const list = errors.map((error) => (error instanceof Error ? { error } : error));
      faults.set(method, [...(faults.get(method) ?? []), ...list]);
    },

    /** Tells the story of a drop; once more, as often as it is asked for. */
    async publish(
      drop: Drop = aDrop(),
      happenings: readonly Happening[] = [],
    ): Promise<Told<string> & { report: Report }> {
      const told = await runStory(publishRelease({ drop, generation: 0, again: true }), {
        ...{ activities, entities, clock, happenings },
      });
      return { ...told, report: this.lastReport(drop) };
    },

    /** Tells the reconciler's story. */
    async reconcile(): Promise<string> {
      const told = await runStory(reconcile({ retentionHours: 168 }), { activities, entities, clock });
      return told.result;
    },

    report(path: string): Report {
      const blob = reports.blobs.get(path);
      if (!blob) throw new Error(`no report ${path}; there are ${[...reports.blobs.keys()].join()}`);
      return parseReport(blob.text);
    },

    releaseReport(): Report {
      return this.report("flooperapp/1.2.0/release.json");
    },

    lastReport(drop: Drop): Report {
      const prefix = `${drop.application}/${drop.version}/`;
      const paths = [...reports.blobs.keys()].filter(
        (path) => path.startsWith(prefix) && !path.endsWith("/release.json"),
      );
      return this.report(paths.at(-1) ?? prefix);
    },
  };
}

function faulty<Port extends object>(port: Port, name: string, faults: Map<string, Fault[]>): Port {
  return new Proxy(port, {
    get(target, method) {
      const value = Reflect.get(target, method);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const fault = faults.get(`${name}.${String(method)}`)?.shift();
        if (!fault) return value.apply(target, args);
        if (fault.when !== "after") return Promise.reject(fault.error);
        return Promise.resolve(value.apply(target, args)).then(() => Promise.reject(fault.error));
      };
    },
  });
}
