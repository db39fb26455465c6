import { readFileSync } from "node:fs";
import { EVENT_FILTER } from "../../../core/posture/event-checks.ts";
import type { PostureFacts } from "../../../core/posture/facts.ts";
import { completedBy, postureOf } from "../../../core/posture/posture.ts";
import { postureText } from "../../../core/posture/posture-text.ts";
import {
  account,
  aPatient,
  app,
  assigned,
  aSubscription,
  deployed,
  gallery,
  host,
  lent,
  machine,
  subscription,
} from "./a-patient.ts";

type Inside = NonNullable<PostureFacts["inside"]>;

const well = aPatient();
const vault = `${account}/blobServices/default/containers/packages`;
const incoming = `${account}/blobServices/default/containers/incoming`;

function findingsOf(ill: Partial<PostureFacts>) {
  return postureOf(aPatient(ill)).findings.filter(({ verdict }) => verdict !== "ok");
}

const accountWith = (properties: object) => {
  if (!("value" in well.packagesAccount)) throw new Error("no account");
  const { value } = well.packagesAccount;
  return { packagesAccount: { value: { properties: { ...value.properties, ...properties } } } };
};
const acls = (changes: object) =>
  accountWith({ networkAcls: { bypass: "AzureServices", defaultAction: "Deny", ...changes } });
const settings = (changes: Record<string, string>) => {
  if (!("value" in well.settings)) throw new Error("no settings");
  return { settings: { value: { properties: { ...well.settings.value.properties, ...changes } } } };
};
const also = (...more: ReturnType<typeof assigned>[]) => ({ assignments: { value: [...deployed, ...more] } });
const without = (role: string) => ({
  assignments: {
    value: deployed.filter(({ principalId, roleId }) => principalId !== "app" || roleId !== role),
  },
});
const inside = (changes: Partial<Inside>) => ({ inside: { ...well.inside!, ...changes } });
const events = (...args: Parameters<typeof aSubscription>) => ({
  subscriptions: { value: { value: [aSubscription(...args)] } },
});

describe("postureOf()", () => {
  it("finds nothing where all is well", () => {
    expect(findingsOf({})).toEqual([]);
    expect(postureOf(well).count.ok).toBeGreaterThan(40);
  });

  const cases: readonly [string, Partial<PostureFacts>, string][] = [
    ["shared keys", accountWith({ allowSharedKeyAccess: true }), "problem shared-key"],
    [
      "shared keys, which Azure allows unless told",
      accountWith({ allowSharedKeyAccess: null }),
      "problem shared-key",
    ],
    ["public access", accountWith({ allowBlobPublicAccess: true }), "problem public-access"],
    [
      "a public container",
      { containers: { value: { value: [{ name: "packages", properties: { publicAccess: "Blob" } }] } } },
      "problem public-container",
    ],
    ["an open firewall", acls({ defaultAction: "Allow" }), "problem network-default"],
    ["no bypass", acls({ bypass: "Logging" }), "problem bypass"],
    ["a closed account", accountWith({ publicNetworkAccess: "Disabled" }), "problem bypass"],
    ["a wide address range", acls({ ipRules: [{ value: "20.0.0.0/8" }] }), "warning network-rules"],
    ["old TLS", accountWith({ minimumTlsVersion: "TLS1_0" }), "problem tls"],
    ["plain HTTP", accountWith({ supportsHttpsTrafficOnly: false }), "problem https"],
    ["a hierarchical namespace", accountWith({ isHnsEnabled: true }), "problem hierarchical-namespace"],
    ["no versioning", { blobService: { value: { properties: {} } } }, "warning soft-delete"],
    ["a gallery without identity", { gallery: { value: {} } }, "problem gallery-identity"],
    [
      "a role that is never given back",
      also(lent("gallery", "2026-01-04T10:00:00Z")),
      "warning gallery-role",
    ],
    [
      "a role that somebody else gave",
      also(assigned("gallery", "Blob Contributor", account)),
      "warning gallery-role",
    ],
    [
      "a role left to an earlier identity",
      also(lent("former", "2026-01-05T09:59:00Z")),
      "warning left-over-assignments, warning read-vault, warning write-vault, warning edit-profiles",
    ],
    [
      "a broader role",
      also(assigned("gallery", "Blob Reader", subscription)),
      "warning gallery-role-broader",
    ],
    [
      "no role, where it should stand",
      { places: { ...well.places, access: "standing" } },
      "problem gallery-role",
    ],
    ["no subscription", { subscriptions: { value: { value: [] } } }, "problem subscription"],
    [
      "a filter for other containers",
      events({ subjectBeginsWith: "/blobServices/default/containers/x/" }),
      "problem subscription",
    ],
    [
      "a filter that drops large files",
      events({
        advancedFilters: [
          { key: "data.api", values: ["PutBlob", "CopyBlob", "FlushWithClose", "SftpCommit"] },
        ],
      }),
      "problem subscription-filter",
    ],
    ["a filter by ending", events({ subjectEndsWith: ".zip" }), "problem subscription-filter"],
    [
      "events that go elsewhere",
      events({}, { deliveryWithResourceIdentity: null }),
      "problem subscription-delivery",
    ],
    [
      "no dead letters",
      events({}, { deadLetterWithResourceIdentity: null }),
      "warning subscription-dead-letters",
    ],
    [
      "a topic of another account",
      { topic: { value: { identity: { type: "SystemAssigned" }, properties: { source: host } } } },
      "problem topic",
    ],
    ["dead letters", inside({ deadLetters: { value: 2 } }), "warning dead-letters"],
    ["poison messages", inside({ poisonMessages: { value: 1 } }), "warning poison"],
    [
      "a password",
      { passwords: { value: { value: [{ name: "ftp", properties: { allow: true } }] } } },
      "problem app-passwords",
    ],
    [
      "a key in a setting",
      settings({ AzureWebJobsStorage: "AccountName=a;AccountKey=c2VjcmV0" }),
      "problem settings-secrets",
    ],
    ["endpoints for nobody", settings({ API_AUDIENCE: "" }), "warning settings-api"],
    ["no telemetry", settings({ APPLICATIONINSIGHTS_CONNECTION_STRING: "" }), "warning settings-telemetry"],
    ["an app that may not publish", without("vm-application-publisher"), "problem app-rights"],
    ["an app that may not lend", without("vm-application-lessor"), "problem app-rights"],
    [
      "a host out of reach",
      inside({ hosts: [{ host: "login", purpose: "keys", fault: "timeout" }] }),
      "problem outbound",
    ],
    [
      "a profile that is none",
      inside({ profiles: { value: [{ name: "a.json", text: "{" }] } }),
      "problem profiles",
    ],
    [
      "a package that is gone",
      inside({ versions: { value: [{ application: "a", version: "1.0.0", blob: "gone" }] } }),
      "warning version-blobs",
    ],
    ["a stranger who reads the vault", also(assigned("eve", "Blob Reader", vault)), "warning read-vault"],
    [
      "a stranger who publishes",
      also(assigned("eve", "VM Application Publisher", `${gallery}/applications/flooperapp`)),
      "warning publish",
    ],
    [
      "a stranger who gives roles",
      also(assigned("eve", "VM Application Lessor", vault)),
      "warning assign-roles",
    ],
    [
      "a stranger who changes profiles",
      also(assigned("eve", "Blob Contributor", `${account}/blobServices/default/containers/applications`)),
      "warning edit-profiles",
    ],
    ["an app's contributor", also(assigned("eve", "Contributor", app)), "warning change-app"],
    ["a host account's contributor", also(assigned("eve", "Contributor", host)), "warning change-host"],
    [
      "a machine that publishes",
      also(assigned("machine", "VM Application Publisher", gallery)),
      "warning publish, warning machines",
    ],
  ];

  it.each(cases)("tells of %s", (_name, ill, expected) => {
    const found = findingsOf(ill);
    expect(found.map(({ verdict, check }) => `${verdict} ${check}`).join(", ")).toBe(expected);
    for (const { remedy, says } of found) {
      expect(remedy).toMatch(/\S/);
      expect(says).not.toMatch(/undefined|null|c2VjcmV0/);
    }
  });

  it("names who can run commands on a machine that can publish", () => {
    const found = findingsOf(
      also(
        assigned("machine", "VM Application Publisher", gallery),
        assigned("mallory", "Virtual Machine Contributor", machine, { principalType: "User" }),
      ),
    );
    expect(found.find(({ check }) => check === "machines")?.says).toContain("User mallory");
    expect(found.find(({ check }) => check === "publish")?.says).toContain("virtual machine runner machine");
  });

  it("tells of an owner above everything in each of its powers", () => {
    const found = findingsOf(
      also(assigned("boss", "Owner", "/providers/Microsoft.Management/managementGroups/root")),
    );
    expect(found.map(({ check }) => check).sort()).toEqual(
      ["assign-roles", "change-app", "change-host", "publish", "write-vault"].sort(),
    );
  });

  it.each([
    ["by its members, where they are known", ["Ann", "Bob", "Cy", "Di", "Ed", "Flo"], "", []],
    ["by its only member", ["Ann"], "", []],
    ["as a group, where they are not", undefined, "Group platform (", ["unknown group-members"]],
  ])("tells of a group that publishes %s", (_how, members, text, unseen) => {
    const boss = assigned("platform", "VM Application Publisher", gallery, { principalType: "Group" });
    const groups = members
      ? {
          value: [{ id: "PLATFORM", name: "Platform", members: members.map((name) => ({ id: name, name })) }],
        }
      : { unreadable: "Microsoft Graph answered 403" };
    const found = findingsOf({ ...also(boss), groups });
    const said = members
      ? `Group Platform PLATFORM with ${members.length} ${members.length === 1 ? "member" : "members"}: Ann`
      : text;
    expect(found[0]?.says).toContain(said);
    expect(found.map(({ verdict, check }) => `${verdict} ${check}`)).toEqual(["warning publish", ...unseen]);
  });

  const ann = { id: "ann", name: "Ann" };
  const uploads = (principalId: string, principalType: string) =>
    also(assigned(principalId, "VM Application Uploader", incoming, { principalType }));
  const team = { value: [{ id: "TEAM", name: "Team", members: [ann] }] };

  it.each([
    ["themselves", uploads("ANN", "User"), { value: [] }],
    ["in a group", uploads("team", "Group"), team],
  ])("tells of an approver who may also write to the drop box, %s", (_how, ill, groups) => {
    const approvers = { value: [ann, { id: "bob", name: "Bob" }] };
    const found = findingsOf({ ...ill, groups, approvers });
    expect(found).toMatchObject([{ check: "approvers", verdict: "warning" }]);
    expect(found[0]?.says).toMatch(/^Ann may approve/);
  });

  it("tells that approvers, or writers to the drop box, could not be read", () => {
    const unreadable = { unreadable: "Microsoft Graph answered 403" };
    for (const ill of [{ approvers: unreadable }, { groups: unreadable, approvers: { value: [ann] } }])
      expect(findingsOf({ ...uploads("team", "Group"), ...ill })).toMatchObject([
        { check: "approvers", verdict: "unknown", says: expect.stringContaining("403") },
      ]);
  });

  it("takes a role just lent for what it is", () => {
    expect(findingsOf(also(lent("gallery", "2026-01-05T09:50:00Z")))).toEqual([]);
  });

  it("says what could not be read, and judges the rest", () => {
    const unreadable = { unreadable: "Resource Manager answered 403 AuthorizationFailed" };
    const found = findingsOf({ hostAccount: unreadable, assignments: unreadable });
    expect(found.map(({ verdict, check }) => `${verdict} ${check}`)).toEqual([
      ...["unknown host-account", "unknown gallery-role", "unknown powers"],
    ]);
  });
});

describe("completedBy()", () => {
  it("takes what only the function app sees from it, and nothing else", () => {
    const outside = postureOf(
      aPatient({ inside: undefined, ...accountWith({ allowSharedKeyAccess: true }) }),
    );
    const whole = completedBy(outside, postureOf(well));
    expect(outside.count.unknown).toBe(3);
    expect(whole.count).toMatchObject({ unknown: 0, problem: 1, ok: postureOf(well).count.ok - 1 });
  });
});

describe("postureText()", () => {
  it("shows each finding on one line, its remedy below, and the sum", () => {
    const text = postureText(postureOf(aPatient(inside({ deadLetters: { value: 2 } }))), { color: false });
    expect(text).toMatch(/^Packages account\n  ok {2}Shared keys/);
    expect(text).toMatch(/\n  !! {2}2 events were given up [^\n]+\n {8}→ Each names its reason/);
    expect(text).toMatch(/\n\n1 warning, \d+ ok\n$/);
  });
});

describe("EVENT_FILTER", () => {
  it("is the template's", () => {
    const filter = JSON.parse(
      readFileSync(new URL("../../../infra/event-filter.json", import.meta.url), "utf8"),
    );
    expect(filter.includedEventTypes).toEqual([EVENT_FILTER.eventType]);
    expect(filter.subjectBeginsWith).toBe(EVENT_FILTER.subjectBeginsWith);
    expect(filter.advancedFilters[0].values).toEqual(EVENT_FILTER.apis);
  });
});
