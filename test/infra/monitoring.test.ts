import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { newReport } from "../../core/report.ts";
import { TELEMETRY, type Telemetry, telemetryLine, telemetryOf } from "../../core/telemetry.ts";
import { aPlan, bodiesOf, infra } from "./a-plan.ts";
import { kustoFaults } from "./kusto.ts";

const folder = join(infra, "queries");
const queries = Object.fromEntries(
  readdirSync(folder).map((file) => [file.replace(".kql", ""), readFileSync(join(folder, file), "utf8")]),
);
const guide = readFileSync(join(infra, "../docs/monitoring.md"), "utf8");

// One of each, so that what the queries look for can be held against what the code tells.
const ended = {
  ...newReport({ application: "a", version: "1.0.0", submission: "run-1" }, "2026-01-05T10:00:00Z"),
  outcome: "published" as const,
  regions: [{ name: "eastus2", state: "Completed" as const, progress: 100, seconds: 60, details: null }],
};
const told: readonly Telemetry[] = [
  ...telemetryOf(ended, "0"),
  { event: "reconciled", unfinished: 0, lost: 0 },
  { event: "access", principal: "", place: "vault", lent: true },
  {
    event: "notification",
    operation: "0",
    application: "a",
    version: "1.0.0",
    channel: "webhook",
    delivered: true,
  },
];
const fieldsOf = new Map(told.map((line) => [line.event as string, Object.keys(line)]));

describe("infra/queries", () => {
  it.each(Object.keys(queries))("%s is Kusto to Microsoft's parser, and its columns are known", (name) => {
    expect(kustoFaults(queries[name] ?? "")).toEqual([]);
  });

  it("would be found out", () => {
    expect(kustoFaults("AppTraces | where Mesage has 'x'")).toHaveLength(1);
  });

  it.each(Object.keys(queries))("%s looks for what the code tells", (name) => {
    const query = queries[name] ?? "";
    const events = [...query.matchAll(/line\.event\) == "([^"]*)"/g)].map(([, event = ""]) => event);
    const fields = [...query.matchAll(/line\.(\w+)/g)].map(([, field = ""]) => field);
    const known = events.flatMap((event) => fieldsOf.get(event) ?? [`no event ${event}`]);
    expect(fields.filter((field) => !known.includes(field))).toEqual([]);
    expect(query.includes("parse_json(substring(Message, 10))")).toBe(events.length > 0);
  });

  it("cut off what lines begin with", () => {
    expect(TELEMETRY).toHaveLength(10);
    expect(JSON.parse(telemetryLine(told[0]!).slice(10))).toEqual(told[0]);
  });

  it.each(Object.keys(queries))("%s stands in docs/monitoring.md", (name) => {
    expect(guide).toContain(`\`\`\`kusto\n${(queries[name] ?? "").trim()}\n\`\`\``);
  });
});

describe("monitoring in the template", () => {
  const alertsOf = (parameters: object = {}) =>
    bodiesOf(aPlan(parameters as Record<string, unknown>), "Microsoft.Insights/scheduledQueryRules");

  it("has an alert for each thing that somebody should look at", () => {
    expect(Object.keys(alertsOf()).sort()).toEqual([
      ...["vmapps-failed-releases", "vmapps-profile-changes", "vmapps-role-left-behind"],
      ...["vmapps-stuck-releases", "vmapps-undelivered-notifications", "vmapps-vault-reads"],
    ]);
    const metrics = bodiesOf(aPlan(), "Microsoft.Insights/metricAlerts");
    expect(metrics["vmapps-dead-letters"].properties.criteria.allOf[0].metricName).toBe("DeadLetteredCount");
  });

  it("has none over requests that are not logged", () => {
    expect(Object.keys(alertsOf({ logRequests: false }))).not.toContain("vmapps-vault-reads");
  });

  it("fills in whom the queries are about", () => {
    const query: string = alertsOf()["vmapps-vault-reads"].properties.criteria.allOf[0].query;
    expect(query).not.toMatch(/PACKAGES_ACCOUNT|_PRINCIPAL/);
    expect(query).toMatch(/AccountName == "vmapps\w+"/);
  });

  it("tells whom it is told to, and nobody else", () => {
    const mailed = aPlan({ alertEmails: ["ops@contoso.example"] });
    const [group] = Object.values(bodiesOf(mailed, "Microsoft.Insights/actionGroups"));
    expect(group.properties.emailReceivers).toHaveLength(1);
    const alert = bodiesOf(mailed, "Microsoft.Insights/scheduledQueryRules")["vmapps-failed-releases"];
    expect(alert.properties.actions.actionGroups).toHaveLength(1);
    expect(bodiesOf(aPlan(), "Microsoft.Insights/actionGroups")).toEqual({});
  });

  it("has a workbook of queries that Kusto takes", () => {
    const [workbook] = Object.values(bodiesOf(aPlan(), "Microsoft.Insights/workbooks"));
    const { items } = JSON.parse(workbook.properties.serializedData);
    expect(items.length).toBeGreaterThan(5);
    for (const { content } of items) expect(kustoFaults(content.query)).toEqual([]);
  });
});
