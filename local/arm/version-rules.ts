import { isDeepStrictEqual } from "node:util";
import type { ArmAnswer } from "./answer.ts";
import { conflict, invalidParameter, refuse } from "./answer.ts";
import type { PublishingProfile } from "./publishing-profile.ts";
import { withoutSas } from "./publishing-profile.ts";
import type { VersionRecord } from "./records.ts";
import { regionName, regionNamed } from "./regions.ts";
import type { SentProfile, VersionBody } from "./version-body.ts";

const profilePath = "galleryApplicationVersion.properties.publishingProfile";
const largestNumber = 2_147_483_647;

/** Refuses a version name that is not three 32-bit numbers. */
export function nameRefusal(name: string, sent: VersionBody): ArmAnswer | undefined {
  const numbers = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(name)?.slice(1) ?? [];
  if (numbers.length !== 3 || numbers.some((digits) => Number(digits) > largestNumber)) {
    return invalidParameter(
      "The gallery application version name is invalid. The application version name should follow " +
        "Major(int32).Minor(int32).Patch(int32) format, where int is between 0 and 2,147,483,647 (inclusive). " +
        "For example, 1.0.0, 2018.12.1 etc.",
      "galleryApplicationVersion.name",
    );
  }
  if (sent.name === undefined || sent.name === name) return undefined;
  return invalidParameter(
    "Entity name doesn't match the name in the request URL.",
    "galleryApplicationVersion.name",
  );
}

/** Refuses a first write that lacks what a version cannot be without. */
export function missingRefusal(sent: SentProfile | undefined): ArmAnswer | undefined {
  const needed = {
    "source.mediaLink": sent?.source?.mediaLink,
    // Assumed: on creation both commands are demanded, as the model of manageActions says.
    "manageActions.install": sent?.manageActions?.install,
    "manageActions.remove": sent?.manageActions?.remove,
  };
  const missing = Object.entries(needed).find(([, value]) => value === undefined)?.[0];
  if (missing === undefined) return undefined;
  const target = `${profilePath}.${missing}`;
  return invalidParameter(`Required parameter '${target}' is missing (null).`, target);
}

/** Refuses target regions that Azure would refuse. */
export function regionsRefusal(
  sent: SentProfile,
  profile: PublishingProfile,
  location: string,
  regions: readonly string[],
): ArmAnswer | undefined {
  const target = `${profilePath}.targetRegions`;
  const names = profile.targetRegions.map((region) => regionName(region.name));
  const unknown = sent.targetRegions?.find((region) => !regionNamed(region.name, regions));
  if (unknown) {
    // Assumed: the text for a region that does not exist at all.
    return invalidParameter(
      `The region '${unknown.name}' is not a region that galleries can replicate to.`,
      target,
    );
  }
  if (new Set(names).size < names.length) {
    return invalidParameter("Duplicate regions aren't allowed in target publishing regions.", target);
  }
  if (!names.includes(regionName(location))) {
    const message =
      `Gallery image version publishing profile regions ${names.join(", ")} must contain the location of image ` +
      `version ${location}.`;
    return invalidParameter(message, target);
  }
  if (sent.targetRegions?.some((region) => region.encryption !== undefined)) {
    return invalidParameter(
      "Gallery application version resources currently don't support encryption.",
      target,
    );
  }
  return replicasRefusal(profile);
}

function replicasRefusal(profile: PublishingProfile): ArmAnswer | undefined {
  const counts = profile.targetRegions.map(
    (region, at) => [`targetRegions[${at}].regionalReplicaCount`, region.regionalReplicaCount] as const,
  );
  const wrong = [["replicaCount", profile.replicaCount] as const, ...counts].find(
    ([, count]) => count < 1 || count > 10,
  );
  if (!wrong) return undefined;
  const target = `${profilePath}.${wrong[0]}`;
  // Assumed: the bound in the text; Microsoft's pages name both 3 and 10.
  const message = `The value ${wrong[1]} of parameter '${target}' is out of range. The value must be between 1 and 10, inclusive.`;
  return invalidParameter(message, target);
}

/** Refuses to take away a region unless the safety profile allows it. */
export function removalRefusal(
  name: string,
  profile: PublishingProfile,
  before: VersionRecord,
  isAllowed: boolean,
): ArmAnswer | undefined {
  const kept = new Set(profile.targetRegions.map((region) => regionName(region.name)));
  const removed = before.profile.targetRegions.filter((region) => !kept.has(regionName(region.name)));
  if (removed.length === 0 || isAllowed) return undefined;
  const message =
    `Complete set of target locations not specified while updating gallery artifact '${name}'. Locations ` +
    `'${removed.map((region) => region.name).join(", ")}' are missing. Deletion of previously replicated locations ` +
    "is not allowed. To figure out complete set of target locations, you can perform a get first.";
  return refuse(400, { code: "BadRequest", message, target: `${profilePath}.targetRegions` });
}

/** Refuses to change what Azure never changes. Only what is sent is compared. */
export function changeRefusal(sent: SentProfile, before: PublishingProfile): ArmAnswer | undefined {
  const changed = comparedMembers(sent, before).find(
    ([, after, earlier]) => after !== undefined && !isDeepStrictEqual(after, earlier),
  );
  if (!changed) return undefined;
  const target = `${profilePath}.${changed[0]}`;
  return conflict("PropertyChangeNotAllowed", `Changing property '${target}' is not allowed.`, target);
}

type Comparison = readonly [path: string, after: unknown, before: unknown];

function comparedMembers(sent: SentProfile, before: PublishingProfile): readonly Comparison[] {
  const { source, manageActions, settings } = sent;
  const actions = ["install", "remove", "update"] as const;
  const names = ["packageFileName", "configFileName", "scriptBehaviorAfterReboot"] as const;
  const link = source?.defaultConfigurationLink;
  return [
    ...actions.map((name): Comparison => [
      `manageActions.${name}`,
      manageActions?.[name],
      before.manageActions[name],
    ]),
    ...names.map((name): Comparison => [`settings.${name}`, settings?.[name], before.settings?.[name]]),
    ["source.mediaLink", withoutSas(source?.mediaLink ?? "") || undefined, before.source.mediaLink],
    [
      "source.defaultConfigurationLink",
      withoutSas(link ?? "") || undefined,
      before.source.defaultConfigurationLink,
    ],
    // Assumed: these three are as fixed as the commands that they go with.
    ["advancedSettings", sent.advancedSettings, before.advancedSettings],
    ["enableHealthCheck", sent.enableHealthCheck, before.enableHealthCheck],
    ["customActions", sent.customActions, before.customActions],
    ["storageAccountType", sent.storageAccountType, before.storageAccountType],
    ["storageAccountStrategy", sent.storageAccountStrategy, before.storageAccountStrategy],
    ["replicationMode", sent.replicationMode, before.replicationMode],
    ...regionTypes(sent, before),
  ];
}

function regionTypes(sent: SentProfile, before: PublishingProfile): readonly Comparison[] {
  return (sent.targetRegions ?? []).flatMap((region, at): readonly Comparison[] => {
    const earlier = before.targetRegions.find((other) => regionName(other.name) === regionName(region.name));
    const path = `targetRegions[${at}].storageAccountType`;
    return earlier ? [[path, region.storageAccountType, earlier.storageAccountType]] : [];
  });
}
