import { roleAssignmentName } from "../core/naming.ts";
import type { Candidate } from "../core/posture/probe.ts";
import { Problem } from "../core/problem.ts";
import type { AzureAnswer } from "../core/refusals.ts";
import { PROBE_MARK } from "../core/role-mark.ts";
import { type Made, making } from "./clean-up.ts";
import type { ProbePlace } from "./probe-stage.ts";
import { answerIn, refuseUnlessAllowed, textIn, type WriteArm } from "./write-arm.ts";

/** A gallery for one candidate, with an identity, an application and a version of its own. */
export interface ProbeGallery {
  give(candidate: Candidate, made: Made[]): Promise<void>;
  /** What Azure refused with, or nothing. */
  putVersion(mediaLink: string, made: Made[]): Promise<AzureAnswer | undefined>;
  versionState(): Promise<{ readonly state: string; readonly details: string }>;
}

/** What such a gallery is made with. */
export interface GalleryParts {
  readonly arm: WriteArm;
  readonly place: ProbePlace;
  readonly wait: (seconds: number) => Promise<void>;
  readonly stopped: AbortSignal;
  readonly id: string;
  readonly location: string;
}

/** Azure's own roles, by the template's names for them. */
const ROLE_IDS = {
  reader: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  contributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
} as const;
const ROLE_API = "?api-version=2022-04-01";
const PATIENCE_TRIES = 60;
const PAUSE_SECONDS = 5;

/** The gallery of that id, which is not there yet. */
export function probeGallery(parts: GalleryParts): ProbeGallery & { create(made: Made[]): Promise<void> } {
  const { arm, place, wait, stopped, id, location } = parts;
  const api = `?api-version=${place.galleryApiVersion}`;
  const application = `${id}/applications/probe`;
  const version = `${application}/versions/1.0.0`;
  let principalId = "";

  async function put(path: string, body: object, what: string) {
    const reply = await arm.send("PUT", path, body, stopped);
    refuseUnlessAllowed(reply, what);
    return reply;
  }

  // Azure removes in its own time: gone is what a read does not find.
  const removal = (resource: string): Made => ({
    byHand: `az resource delete --ids ${resource} --api-version ${place.galleryApiVersion}`,
    remove: async () => {
      await arm.send("DELETE", `${resource}${api}`);
      return (await arm.send("GET", `${resource}${api}`)).status === 404;
    },
  });

  return {
    async create(made) {
      const properties = { description: PROBE_MARK };
      const gallery = { location, identity: { type: "SystemAssigned" }, properties };
      await making(made, removal(id), () => put(`${id}${api}`, gallery, "make a gallery"));
      principalId = await identityOf(parts, api);
      const linux = { location, properties: { supportedOSType: "Linux" } };
      await making(made, removal(application), () =>
        put(`${application}${api}`, linux, "make an application in a gallery"),
      );
    },

    async give(candidate, made) {
      const { path, body } = assignmentOf(parts, candidate, principalId);
      const byHand = `az role assignment delete --ids ${path}`;
      const remove = async () => (await arm.send("DELETE", `${path}${ROLE_API}`)).status < 300;
      await making(made, { byHand, remove }, async () => {
        for (let tries = 1; ; tries++) {
          const reply = await put(`${path}${ROLE_API}`, body, "give a role on the packages account");
          if (reply.status < 300) return;
          const { code, message } = answerIn(reply, "access");
          // The directory takes a moment to know a new identity everywhere.
          if (code !== "PrincipalNotFound" || tries === PATIENCE_TRIES)
            throw failed(`the role was not given: ${code} ${message}`);
          await wait(PAUSE_SECONDS);
        }
      });
    },

    async putVersion(mediaLink, made) {
      const publishingProfile = {
        source: { mediaLink },
        manageActions: { install: "true", remove: "true" },
        targetRegions: [{ name: location, regionalReplicaCount: 1 }],
        excludeFromLatest: true,
      };
      const body = { location, properties: { publishingProfile } };
      const thing = made.find(({ byHand }) => byHand.includes(version)) ?? removal(version);
      if (!made.includes(thing)) made.push(thing);
      const reply = await put(`${version}${api}`, body, "make a version in a gallery");
      return reply.status < 300 ? undefined : answerIn(reply, "gallery");
    },

    async versionState() {
      const path = `${version}${api}&$expand=ReplicationStatus`;
      const { body } = await arm.send("GET", path, undefined, stopped);
      const region = ["properties", "replicationStatus", "summary", "0", "details"];
      const state = textIn(body, "properties", "provisioningState");
      return { state, details: textIn(body, ...region) };
    },
  };
}

function assignmentOf({ place, id }: GalleryParts, candidate: Candidate, principalId: string) {
  const account = place.packagesAccountId;
  const container = `${account}/blobServices/default/containers/${place.name}`;
  const scope = candidate.roleScope === "account" ? account : container;
  const roleId = ROLE_IDS[candidate.galleryRole];
  const definitions = `/subscriptions/${id.split("/")[2] ?? ""}/providers/Microsoft.Authorization/roleDefinitions`;
  const name = roleAssignmentName(scope, roleId, principalId);
  return {
    path: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    body: {
      properties: {
        ...{ roleDefinitionId: `${definitions}/${roleId}`, principalId },
        ...{ principalType: "ServicePrincipal", description: PROBE_MARK },
      },
    },
  };
}

/** The principal of a gallery's system-assigned identity, once there is one. */
async function identityOf({ arm, wait, stopped, id }: GalleryParts, api: string): Promise<string> {
  for (let tries = 1; tries <= PATIENCE_TRIES; tries++) {
    const { body } = await arm.send("GET", `${id}${api}`, undefined, stopped);
    const found = textIn(body, "identity", "principalId");
    if (found !== "" && textIn(body, "properties", "provisioningState") === "Succeeded") return found;
    await wait(PAUSE_SECONDS);
  }
  throw failed(`the gallery ${id} got no identity`);
}

function failed(message: string): Problem {
  return new Problem("probe-failed", message, "Run the probe again.");
}
