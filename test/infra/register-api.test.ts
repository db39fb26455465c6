import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { infra } from "./a-plan.ts";

// Answers as az does where nothing is registered yet, and notes the bodies of requests, one a line.
const az = `#!/usr/bin/env bash
case "$*" in
  "ad app create"*) echo app-id ;;
  "ad app show"*) echo object-id ;;
  "cloud show"*) echo https://graph.example/ ;;
  "ad sp create"*) echo principal-id ;;
  "ad sp update"*) echo "$*" >> "$NOTES" ;;
  rest*) url=$5; while [[ $1 != --body ]]; do shift; done; echo "$url $(tr -d '\\n' <<< "$2")" >> "$NOTES" ;;
esac
`;

describe("infra/register-api.sh", () => {
  it("registers tokens of version 2, a scope that az may ask for, and nobody without a role", () => {
    const folder = mkdtempSync(join(tmpdir(), "register-"));
    const notes = join(folder, "notes");
    writeFileSync(join(folder, "az"), az);
    chmodSync(join(folder, "az"), 0o755);
    const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, NOTES: notes };
    const { stdout, stderr } = spawnSync(join(infra, "register-api.sh"), { env, encoding: "utf8" });
    expect([stdout, stderr]).toEqual(["app-id\n", ""]);
    const [scopes = "", allowed = "", assignment] = readFileSync(notes, "utf8").split("\n");
    const url = "https://graph.example/v1.0/applications/object-id ";
    expect([scopes.startsWith(url), allowed.startsWith(url)]).toEqual([true, true]);
    const { api } = JSON.parse(allowed.slice(url.length));
    const [scope] = api.oauth2PermissionScopes;
    expect(api.requestedAccessTokenVersion).toBe(2);
    expect(scope).toMatchObject({ value: "user_impersonation", type: "User", isEnabled: true });
    expect(api.preAuthorizedApplications).toEqual([
      { appId: "04b07795-8ddb-461a-bbee-02f9e1bf7b46", delegatedPermissionIds: [scope.id] },
    ]);
    const { preAuthorizedApplications: _, ...before } = api;
    expect(JSON.parse(scopes.slice(url.length)).api).toEqual(before);
    expect(assignment).toBe("ad sp update --id principal-id --set appRoleAssignmentRequired=true");
    rmSync(folder, { recursive: true });
  });
});
