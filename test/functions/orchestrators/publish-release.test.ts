import { AzureRefusal } from "../../../functions/ports.ts";
import { aDrop, aManifest, aProfile, aWorld, CONTENT, RUN } from "../a-world.ts";
import { answer, digestOf, refusal } from "../in-memory-ports.ts";

const PACKAGE = `flooperapp/1.2.0/${digestOf(CONTENT)}/app.tar.gz`;
const MINUTE = 60;
const sasRefusal = () => refusal(400, "InvalidParameter", "The SAS is not valid for source uri 'https://x'.");

function versionLike(world: ReturnType<typeof aWorld>, fields: object = {}) {
  return { mediaLink: world.packages.vaultUrl(PACKAGE), ...fields };
}

/** The activities of a trace, without what every story repeats. */
function milestones(trace: readonly string[]): string[] {
  return trace.filter(
    (line) => !/^(saveReport|readReplication|sleep|wait version-written|accessLease beat)/.test(line),
  );
}

/** How many events the history of such a story has. */
function historyEvents(
  commands: Awaited<ReturnType<ReturnType<typeof aWorld>["publish"]>>["commands"],
): number {
  // An activity, a timer or a question leaves two events, and each turn two more; a signal leaves one.
  const events = { call: 4, sleep: 4, wait: 4, ask: 4, tell: 1, now: 0, self: 0, edition: 0 };
  return commands.reduce((sum, { command }) => sum + events[command.kind], 0);
}

describe("publishRelease", () => {
  it("publishes a submission into every region", async () => {
    const world = aWorld();
    world.submit();

    const { result, report } = await world.publish();

    expect(result).toBe("published");
    expect(report.regions.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "eastus Completed",
      "westeurope Completed",
      "japaneast Completed",
    ]);
    expect(report).toMatchObject({
      submission: RUN,
      sha256: digestOf(CONTENT),
      size: CONTENT.length,
      blobUrl: world.packages.vaultUrl(PACKAGE),
      reason: null,
    });
  });

  it("examines, verifies, grants, publishes and revokes in this order", async () => {
    const world = aWorld();
    world.submit();

    const { trace } = await world.publish();

    expect(milestones(trace)).toEqual([
      "readSubmission",
      "examineRelease",
      "applicationGate enter",
      "verifyIntoVault",
      "findLessee",
      "accessLease acquire",
      "applicationGate take-turn",
      "putVersion",
      "applicationGate end-turn",
      "accessLease acquire",
      "applicationGate take-turn",
      "includeInLatest",
      "applicationGate end-turn",
      "accessLease release",
      "applicationGate leave",
    ]);
  });

  it("tells each step with its duration", async () => {
    const world = aWorld();
    world.submit();

    const { report } = await world.publish();

    expect(report.steps.map(({ name }) => name)).toEqual([
      "read submission",
      "check against the gallery",
      "verify into the vault",
      "grant access",
      "publish version",
      "replicate",
      "put into latest",
      "release access",
    ]);
    expect(report.steps.every(({ seconds }) => seconds !== null)).toBe(true);
  });

  it("leaves no access behind and says so", async () => {
    const world = aWorld();
    world.submit();

    const { report } = await world.publish();

    expect(world.access.assignments.size).toBe(0);
    expect(report.access?.state).toBe("released");
  });

  it("publishes the vault's bytes under the manifest that it kept beside them", async () => {
    const world = aWorld();
    world.submit({ packageFileName: "floop.tar.gz" });

    await world.publish();

    expect(world.packages.vault.get(PACKAGE)?.toString()).toBe(CONTENT);
    const manifests = [...world.packages.vault.keys()].filter((path) => path.endsWith("/manifest.json"));
    expect(manifests).toHaveLength(1);
    expect(JSON.parse(await world.packages.readFromVault(manifests[0]!))).toMatchObject({
      packageFileName: "floop.tar.gz",
      package: { sha256: digestOf(CONTENT) },
    });
  });

  it("publishes a configuration too", async () => {
    const world = aWorld();
    world.packages.drop(`flooperapp/1.2.0/${RUN}/app.conf`, "port=1");
    world.submit({ configuration: { file: "app.conf", size: 6, sha256: digestOf("port=1") } });

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(world.packages.vault.has(`flooperapp/1.2.0/${digestOf("port=1")}/app.conf`)).toBe(true);
  });

  it("adds the gallery's home region and says so", async () => {
    const world = aWorld();
    world.submit({ targetRegions: ["westeurope"] });

    const { report } = await world.publish();

    expect(world.gallery.writes).toEqual(["put eastus,westeurope"]);
    expect(report.notes[0]).toContain("home region eastus was added");
  });

  it("saves a report whenever a region changes, not at every look", async () => {
    const world = aWorld();
    world.gallery.replicationSeconds = 3600;
    world.submit();

    const { trace } = await world.publish();

    const looks = trace.filter((line) => line === "readReplication").length;
    // The submission's report and the release's.
    const saves = world.reports.writes / 2;
    expect(looks).toBeGreaterThan(35);
    expect(saves).toBeLessThan(12);
  });
});

describe("publishRelease, woken by the end of a write", () => {
  const woken = (afterSeconds: number) => ({ afterSeconds, event: "version-written" });

  it("looks at once", async () => {
    const world = aWorld();
    world.gallery.replicationSeconds = 1300;
    world.submit();

    const { report } = await world.publish(aDrop(), [woken(1301)]);

    // Without the event, the end would be seen at 1,340 seconds.
    expect(report.regions.map(({ seconds }) => seconds)).toEqual([1301, 1301, 1301]);
  });

  it("goes on waiting when the event came too early, or twice", async () => {
    const world = aWorld();
    world.submit();

    const { result, report } = await world.publish(aDrop(), [woken(1), woken(2), woken(200)]);

    expect(result).toBe("published");
    expect(report.regions.every(({ seconds }) => seconds !== null && seconds >= 240)).toBe(true);
  });
});

describe("publishRelease, when the version exists", () => {
  it("is done at once and asks for no access when nothing is missing", async () => {
    const world = aWorld();
    world.gallery.seed(aDrop(), versionLike(world), ["eastus", "westeurope", "japaneast"]);
    world.submit();

    const { result, trace } = await world.publish();

    expect(result).toBe("published");
    expect(milestones(trace)).toEqual(["readSubmission", "examineRelease"]);
  });

  it("adds the missing regions and keeps those that Azure has", async () => {
    const world = aWorld();
    world.gallery.seed(aDrop(), versionLike(world), ["eastus", "northeurope"]);
    world.submit();

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(world.gallery.writes).toEqual(["patch eastus,northeurope,westeurope,japaneast"]);
  });

  it("refuses other content with both digests before anything is granted", async () => {
    const world = aWorld();
    const other = "ab".repeat(32);
    const mediaLink = world.packages.vaultUrl(`flooperapp/1.2.0/${other}/app.tar.gz`);
    world.gallery.seed(aDrop(), { mediaLink }, ["eastus"]);
    world.submit();

    const { result, report, trace } = await world.publish();

    expect(result).toBe("refused");
    expect(report.reason).toMatchObject({ code: "version-exists" });
    expect(report.reason?.message).toContain(other);
    expect(report.reason?.message).toContain(digestOf(CONTENT));
    expect(trace).not.toContain("accessLease acquire");
  });

  it("refuses a version whose package lies outside the vault", async () => {
    const world = aWorld();
    world.gallery.seed(aDrop(), { mediaLink: "https://elsewhere.blob.core.windows.net/p/app?sig=x" }, [
      "eastus",
    ]);
    world.submit();

    const { report } = await world.publish();

    expect(report.outcome).toBe("refused");
    expect(report.reason?.message).toContain(
      "not in the vault (https://elsewhere.blob.core.windows.net/p/app)",
    );
  });

  it("refuses one that is being deleted", async () => {
    const world = aWorld();
    world.submit();
    world.gallery.seed(aDrop(), versionLike(world), ["eastus"]);
    const readVersion = world.gallery.readVersion.bind(world.gallery);
    world.gallery.readVersion = async (release) => ({
      ...(await readVersion(release))!,
      provisioningState: "Deleting",
    });

    const { report } = await world.publish();

    expect(report.reason?.code).toBe("version-being-deleted");
  });

  it("takes up a publication that another story left in the middle", async () => {
    const world = aWorld();
    world.submit();
    world.submit({}, "run-2-1-99999999");
    world.fail("gallery.readVersion", new Error("x"), new Error("x"), new Error("x"));
    await world.publish();

    const { result } = await world.publish(aDrop({ folder: "run-2-1-99999999" }));

    expect(result).toBe("published");
    expect(world.gallery.writes).toEqual(["put eastus,westeurope,japaneast"]);
  });

  it("keeps a published release's report when a later submission is refused", async () => {
    const world = aWorld();
    world.submit();
    await world.publish();
    world.submit({ install: "other.sh" }, "run-2-1-99999999");

    const { result } = await world.publish(aDrop({ folder: "run-2-1-99999999" }));

    expect(result).toBe("refused");
    expect(world.releaseReport()).toMatchObject({ outcome: "published", submission: RUN });
  });
});

describe("publishRelease, reading the submission", () => {
  it("waits for a file that the manifest names", async () => {
    const world = aWorld();
    world.packages.drop(`flooperapp/1.2.0/${RUN}/manifest.json`, aManifest());
    const arrival = {
      afterSeconds: 100,
      event: "blob-arrived",
      act: () => world.packages.drop(`flooperapp/1.2.0/${RUN}/app.tar.gz`, CONTENT),
    };

    const { result, trace } = await world.publish(aDrop(), [arrival]);

    expect(result).toBe("published");
    expect(trace).toContain("wait blob-arrived 300: arrived");
  });

  it("finds by itself what no event told of", async () => {
    const world = aWorld();
    world.packages.drop(`flooperapp/1.2.0/${RUN}/manifest.json`, aManifest());
    const act = () => world.packages.drop(`flooperapp/1.2.0/${RUN}/app.tar.gz`, CONTENT);

    const { result } = await world.publish(aDrop(), [{ afterSeconds: 700, act }]);

    expect(result).toBe("published");
  });

  it("tells that it waits, and for what", async () => {
    const world = aWorld();
    world.packages.drop(`flooperapp/1.2.0/${RUN}/manifest.json`, aManifest());
    const seen: unknown[] = [];
    const act = () => seen.push(world.lastReport(aDrop()));

    await world.publish(aDrop(), [{ afterSeconds: 30, act }]);

    expect(seen).toMatchObject([{ outcome: "waiting", steps: [{}, { name: "wait for app.tar.gz" }] }]);
  });

  it("ends as incomplete when its patience is over", async () => {
    const world = aWorld();
    world.packages.profiles.set("flooperapp", aProfile({ patienceMinutes: 30 }));
    world.packages.drop(`flooperapp/1.2.0/${RUN}/manifest.json`, aManifest());

    const { result, report, seconds } = await world.publish();

    expect(result).toBe("incomplete");
    expect(report.reason?.message).toBe("flooperapp 1.2.0 is incomplete after 30 min: it lacks app.tar.gz");
    expect(seconds).toBe(30 * MINUTE);
  });

  it("publishes a file dropped by hand once it has settled", async () => {
    const world = aWorld();
    world.packages.profiles.set("flooperapp", aProfile());
    world.packages.drop("flooperapp/1.2.0/app.tar.gz", CONTENT);
    world.packages.drop("flooperapp/1.2.0/app.tar.gz.sigstore.json", "{}");

    const { result, report, trace } = await world.publish(aDrop({ folder: "" }));

    expect(result).toBe("published");
    expect(report.submission).toMatch(/^drop-[0-9a-f]{32}$/);
    expect(trace.slice(0, 4)).toEqual(["readSubmission", "sleep 120", "readSubmission", "hashFile"]);
  });

  it("starts the settling time again when a file changes", async () => {
    const world = aWorld();
    world.packages.profiles.set("flooperapp", aProfile());
    world.packages.drop("flooperapp/1.2.0/app.tar.gz", "half of it");
    const act = () => world.packages.drop("flooperapp/1.2.0/app.tar.gz", CONTENT);

    const { report, trace } = await world.publish(aDrop({ folder: "" }), [{ afterSeconds: 60, act }]);

    expect(trace.filter((line) => line === "sleep 120")).toHaveLength(2);
    expect(report.sha256).toBe(digestOf(CONTENT));
  });

  it("publishes what a manifest dropped by hand names", async () => {
    const world = aWorld();
    world.packages.drop("flooperapp/1.2.0/mine/app.tar.gz", CONTENT);
    world.packages.drop("flooperapp/1.2.0/mine/notes.txt", "whatever");
    world.packages.drop(
      "flooperapp/1.2.0/mine/manifest.json",
      aManifest({ package: { file: "app.tar.gz" } }),
    );

    const { result } = await world.publish(aDrop({ folder: "mine" }));

    expect(result).toBe("published");
  });

  it.each([
    ["two files", ["a.zip", "b.zip"], 'which of "a.zip", "b.zip" is the package'],
    ["no package", ["a.zip.sigstore.json"], "the package"],
  ])("finds a drop by hand with %s incomplete", async (_, files, lack) => {
    const world = aWorld();
    world.packages.profiles.set("flooperapp", aProfile());
    for (const file of files) world.packages.drop(`flooperapp/1.2.0/${file}`, CONTENT);

    const { report } = await world.publish(aDrop({ folder: "" }));

    expect(report.outcome).toBe("incomplete");
    expect(report.reason?.message).toContain(lack);
  });

  it("finds a drop by hand incomplete when no profile says how to install it", async () => {
    const world = aWorld();
    world.packages.drop("flooperapp/1.2.0/app.tar.gz", CONTENT);

    const { report } = await world.publish(aDrop({ folder: "" }));

    expect(report.reason?.message).toContain(
      "a profile applications/flooperapp.json with install and remove",
    );
  });

  it.each([
    ["a bad version", aDrop({ version: "1.2.0-rc.1" }), {}, "bad-version"],
    ["another release's manifest", aDrop(), { version: "1.3.0" }, "manifest-elsewhere"],
    ["an unknown field", aDrop(), { instal: "x" }, "bad-manifest"],
    ["a manifest of a newer schema", aDrop(), { schema: 2 }, "newer-manifest"],
    [
      "another size than the manifest's",
      aDrop(),
      { package: { file: "app.tar.gz", size: 5 } },
      "size-mismatch",
    ],
    [
      "another digest than the manifest's",
      aDrop(),
      { package: { file: "app.tar.gz", sha256: "00".repeat(32) } },
      "digest-mismatch",
    ],
    ["an unknown region", aDrop(), { targetRegions: ["westeurop"] }, "unknown-region"],
    ["no commands", aDrop(), { install: undefined }, "missing-commands"],
  ])("refuses %s, before anything is granted", async (_, drop, manifest, code) => {
    const world = aWorld();
    world.packages.drop(`flooperapp/${drop.version}/${RUN}/app.tar.gz`, CONTENT);
    world.packages.drop(`flooperapp/${drop.version}/${RUN}/manifest.json`, aManifest(manifest));

    const { report, trace } = await world.publish(drop);

    expect(report).toMatchObject({ outcome: "refused", reason: { code } });
    expect(trace).not.toContain("accessLease acquire");
  });

  it("names the nearest region for one that is misspelt", async () => {
    const world = aWorld();
    world.submit({ targetRegions: ["westeurop"] });

    const { report } = await world.publish();

    expect(report.reason?.message).toBe('the subscription has no region "westeurop" (meant: westeurope?)');
  });

  it("leaves regions unchecked, and says so, when it may not list them", async () => {
    const world = aWorld();
    world.gallery.regionList = undefined;
    world.submit();

    const { report } = await world.publish();

    expect(report.outcome).toBe("published");
    expect(report.notes.join()).toContain("may not list the subscription's regions");
  });

  it.each([
    [
      "changed",
      "superseded",
      (world: ReturnType<typeof aWorld>) => {
        world.packages.drop(`flooperapp/1.2.0/${RUN}/app.tar.gz`, "other bytes, same path!");
      },
    ],
    [
      "gone",
      "file-gone",
      (world: ReturnType<typeof aWorld>) => {
        world.packages.dropped.delete(`flooperapp/1.2.0/${RUN}/app.tar.gz`);
      },
    ],
  ])("refuses a package that is %s after it was first seen", async (_, code, change) => {
    const world = aWorld();
    world.submit();
    const readVersion = world.gallery.readVersion.bind(world.gallery);
    world.gallery.readVersion = (release) => {
      change(world);
      return readVersion(release);
    };

    const { report, trace } = await world.publish();

    expect(report).toMatchObject({ outcome: "refused", reason: { code } });
    expect(trace).not.toContain("accessLease acquire");
  });
});

describe("publishRelease, read back", () => {
  /** Has Azure keep something else than it was sent. */
  function alter(world: ReturnType<typeof aWorld>, facts: object): void {
    const original = world.gallery.putVersion.bind(world.gallery);
    world.gallery.putVersion = async (...args) => {
      const operation = await original(...args);
      for (const record of world.gallery.versions.values()) Object.assign(record.facts, facts);
      return operation;
    };
  }

  it.each([
    ["install", { install: "other.sh" }, /install is "other.sh", sent was "install.sh"/],
    ["excludeFromLatest", { excludeFromLatest: false }, /excludeFromLatest is "false", sent was "true"/],
  ])("fails when Azure keeps another %s, and never puts it into latest", async (_, facts, message) => {
    const world = aWorld();
    world.submit();
    alter(world, facts);

    const { result, report } = await world.publish();

    expect(result).toBe("failed");
    expect(report.reason).toMatchObject({
      code: "stored-otherwise",
      message: expect.stringMatching(message),
    });
    expect(world.gallery.inclusions).toEqual([]);
  });

  it("leaves the gallery its access for as long as Azure works on what it accepted", async () => {
    const world = aWorld();
    world.submit();
    alter(world, { install: "other.sh" });

    await world.publish();
    await world.reconcile();
    expect(world.access.assignments.size).toBe(1);

    world.clock.pass(60 * MINUTE);
    await world.reconcile();
    expect(world.access.assignments.size).toBe(0);
  });

  it("goes on when it cannot be read back", async () => {
    const world = aWorld();
    world.submit();
    const original = world.gallery.putVersion.bind(world.gallery);
    world.gallery.putVersion = async (...args) => {
      world.fail("gallery.readVersion", refusal(503, "ServiceUnavailable", "Try later."));
      return original(...args);
    };

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(world.gallery.writes.filter((write) => write.startsWith("put"))).toHaveLength(1);
  });
});

describe("publishRelease, the profile", () => {
  it("is named in the report by its digest", async () => {
    const world = aWorld();
    world.packages.profiles.set("flooperapp", aProfile());
    world.submit();

    expect((await world.publish()).report.profileSha256).toBe(digestOf(aProfile()));
  });

  it("has no digest in the report when there is none", async () => {
    const world = aWorld();
    world.submit();

    expect((await world.publish()).report).not.toHaveProperty("profileSha256");
  });
});

describe("publishRelease, the application", () => {
  it("is created from its profile when the gallery lacks it", async () => {
    const world = aWorld();
    world.gallery.applications.clear();
    world.packages.profiles.set("flooperapp", aProfile());
    world.submit();

    const { result, report } = await world.publish();

    expect(result).toBe("published");
    expect(report.notes).toContain("The application was created in the gallery, as its profile says.");
  });

  it("is not published under another spelling than its profile's, since to Azure the two are one", async () => {
    const world = aWorld();
    world.packages.profiles.set("FlooperApp", aProfile());
    world.submit();
    const { report } = await world.publish();

    expect(report.reason).toMatchObject({
      code: "application-spelling",
      nextStep: 'Use the name "FlooperApp" everywhere.',
    });
    expect(world.gallery.writes).toEqual([]);
  });

  it("is refused without a profile, with the remedy", async () => {
    const world = aWorld();
    world.gallery.applications.clear();
    world.submit();

    const { report, trace } = await world.publish();

    expect(report).toMatchObject({ outcome: "refused", reason: { code: "application-missing" } });
    expect(report.reason?.nextStep).toContain("applications/flooperapp.json");
    expect(trace).not.toContain("verifyIntoVault");
  });
});

describe("publishRelease, access", () => {
  it("waits until a fresh grant has reached storage", async () => {
    const world = aWorld();
    world.access.propagationSeconds = 9 * MINUTE;
    world.submit();

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(world.gallery.writes).toHaveLength(1);
  });

  it("gives up no earlier than 15 minutes after the grant, and names what to check", async () => {
    const world = aWorld();
    world.access.propagationSeconds = Infinity;
    world.submit();

    const { result, report, seconds } = await world.publish();

    expect(result).toBe("failed");
    expect(seconds).toBeGreaterThanOrEqual(15 * MINUTE);
    expect(report.reason?.code).toBe("gallery-cannot-read");
    expect(report.reason?.nextStep).toMatch(/Storage Blob Data Reader.*\/the\/scope.*firewall/s);
    expect(report.reason?.message).toContain("(system-assigned)");
  });

  it("is taken again when somebody takes it away in between", async () => {
    const world = aWorld();
    world.submit();
    world.fail("gallery.putVersion", sasRefusal());
    const steal = { afterSeconds: 5, act: () => world.access.assignments.clear() };

    const { result } = await world.publish(aDrop(), [steal]);

    expect(result).toBe("published");
  });

  it("leaves an assignment alone that somebody else made", async () => {
    const world = aWorld();
    world.access.assignBySomebody(world.gallery.principalId);
    world.submit();

    const { result, report } = await world.publish();

    expect(result).toBe("published");
    expect(world.access.assignments.size).toBe(1);
    expect(report.notes).toContain("Somebody else assigned the gallery's role; it stays as it is.");
  });

  it("ends in a reason when the pipeline may not assign roles", async () => {
    const world = aWorld();
    world.submit();
    world.fail("access.grant", new AzureRefusal(answer("access", 403, "AuthorizationFailed", "No.")));

    const { report } = await world.publish();

    expect(report).toMatchObject({ outcome: "failed", reason: { code: "may-not-assign-roles" } });
  });

  const final = refusal(400, "InvalidParameter", "A quota is exceeded.");
  it.each<[string, string, (world: ReturnType<typeof aWorld>) => void]>([
    ["the gallery refuses the version", "failed", (world) => world.fail("gallery.putVersion", final)],
    [
      "every region fails",
      "failed",
      (world) => {
        for (const region of ["eastus", "westeurope", "japaneast"]) world.gallery.failures.set(region, 9);
      },
    ],
    ["one region fails", "partly-published", (world) => world.gallery.failures.set("japaneast", 9)],
    [
      "the version vanishes",
      "failed",
      (world) => {
        const original = world.gallery.putVersion.bind(world.gallery);
        world.gallery.putVersion = async (...args) => {
          await original(...args);
          world.gallery.versions.clear();
        };
      },
    ],
  ])("is taken away when %s", async (_, outcome, arrange) => {
    const world = aWorld();
    world.submit();
    arrange(world);

    const { result, report } = await world.publish();

    expect(result).toBe(outcome);
    expect(world.access.assignments.size).toBe(0);
    expect(report.access?.state).toBe("released");
    expect(world.releaseReport().outcome).toBe(outcome);
  });
});

describe("publishRelease, what passes by itself", () => {
  it.each([
    ["a conflict", refusal(409, "Conflict", "Another operation is in progress.")],
    ["throttling", refusal(429, "OperationNotAllowed", "Too many requests.", 77)],
    ["a fault of Azure's", refusal(503, "ServiceUnavailable", "Try later.")],
    ["no answer", refusal(0, "ECONNRESET", "socket hang up")],
  ])("is waited out: %s", async (_, error) => {
    const world = aWorld();
    world.submit();
    world.fail("gallery.putVersion", error, error);

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(world.gallery.writes).toHaveLength(1);
  });

  it("waits as long as Azure asks", async () => {
    const world = aWorld();
    world.submit();
    world.fail("gallery.putVersion", refusal(429, "OperationNotAllowed", "Too many requests.", 77));

    const { trace } = await world.publish();

    const pauses = trace.flatMap((line) => /^sleep (\d+)$/.exec(line)?.[1] ?? []).map(Number);
    expect(pauses.some((pause) => pause >= 77 && pause <= 116)).toBe(true);
  });

  it("gives up a conflict after half an hour", async () => {
    const world = aWorld();
    world.submit();
    world.fail("gallery.putVersion", ...Array.from({ length: 99 }, () => refusal(409, "Conflict", "Busy.")));

    const { report, seconds } = await world.publish();

    expect(report).toMatchObject({ outcome: "failed", reason: { code: "busy" } });
    expect(seconds).toBeGreaterThanOrEqual(30 * MINUTE);
  });

  it("looks before it writes again when an answer got lost after its effect", async () => {
    const world = aWorld();
    world.submit();
    world.fail("gallery.putVersion", { error: refusal(0, "ETIMEDOUT", "timeout"), when: "after" });

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(world.gallery.writes).toEqual(["put eastus,westeurope,japaneast"]);
  });

  it.each(["packages.list", "gallery.read", "packages.copyIntoVault", "access.grant", "reports.write"])(
    "is a hiccup of %s, before or after its effect",
    async (method) => {
      const world = aWorld();
      world.submit();
      const error = refusal(503, "ServiceUnavailable", "Try later.");
      world.fail(method, { error }, { error, when: "after" });

      const { result } = await world.publish();

      expect(result).toBe("published");
      expect(world.access.assignments.size).toBe(0);
    },
  );
});

describe("publishRelease, a region that fails", () => {
  it("is tried again and then published", async () => {
    const world = aWorld();
    world.gallery.failures.set("japaneast", 1);
    world.submit();

    const { result, report } = await world.publish();

    expect(result).toBe("published");
    expect(world.gallery.writes).toEqual([
      "put eastus,westeurope,japaneast",
      "patch eastus,westeurope,japaneast",
    ]);
    expect(report.notes.join()).toContain("japaneast (The copy was interrupted.)");
  });

  it("is reported with Azure's details and the next step when it keeps failing", async () => {
    const world = aWorld();
    world.gallery.failures.set("japaneast", 9);
    world.submit();

    const { result, report } = await world.publish();

    expect(result).toBe("partly-published");
    expect(world.gallery.writes).toHaveLength(3);
    expect(report.reason?.message).toBe(
      "flooperapp 1.2.0 did not reach 1 of 3 regions: japaneast (The copy was interrupted.)",
    );
    expect(report.reason?.nextStep).toContain("Submit the same release again");
  });

  it("is put as a whole again when no region has the version", async () => {
    const world = aWorld();
    for (const region of ["eastus", "westeurope", "japaneast"]) world.gallery.failures.set(region, 1);
    world.submit();

    const { result } = await world.publish();

    expect(result).toBe("published");
    expect(world.gallery.writes).toEqual([
      "put eastus,westeurope,japaneast",
      "put eastus,westeurope,japaneast",
    ]);
  });

  it("is finished by submitting the same again", async () => {
    const world = aWorld();
    world.gallery.failures.set("japaneast", 3);
    world.submit();
    await world.publish();
    world.submit({}, "run-2-1-99999999");

    const { result } = await world.publish(aDrop({ folder: "run-2-1-99999999" }));

    expect(result).toBe("published");
  });
});

describe("publishRelease, time", () => {
  it("ends as timed-out after the profile's timeout, naming what is open", async () => {
    const world = aWorld();
    world.packages.profiles.set("flooperapp", aProfile({ timeoutMinutes: 60 }));
    world.gallery.replicationSeconds = 1e6;
    world.submit();

    const { report, seconds } = await world.publish();

    expect(report.outcome).toBe("timed-out");
    expect(report.reason?.message).toContain("still open: eastus, westeurope, japaneast");
    expect(Math.round(seconds / MINUTE)).toBe(60);
  });

  it("stays below 1,000 history events for six hours of replication", async () => {
    const world = aWorld();
    world.gallery.replicationSeconds = 350 * MINUTE;
    world.submit();

    const { commands } = await world.publish();

    expect(historyEvents(commands)).toBeLessThan(1000);
  });
});

describe("publishRelease, faults of its own", () => {
  it("ends in a report when the drop box cannot be read", async () => {
    const world = aWorld();
    const denied = new AzureRefusal(answer("storage", 403, "AuthorizationPermissionMismatch", "No."));
    world.fail("packages.list", denied);

    const { report } = await world.publish(aDrop({ folder: "" }));

    expect(report).toMatchObject({
      submission: "unread-0",
      outcome: "failed",
      reason: { code: "storage-role" },
    });
  });

  it("throws when not even a report can be written", async () => {
    const world = aWorld();
    world.submit();
    world.fail("reports.write", ...Array.from({ length: 99 }, () => new Error("disk full")));

    await expect(world.publish()).rejects.toThrow("disk full");
    expect(world.access.assignments.size).toBe(0);
  });
});
