import type { BlobReading } from "../world.ts";
import type { Refused } from "./answer.ts";
import { invalidParameter } from "./answer.ts";
import type { ArmContext } from "./context.ts";
import { principalsOf } from "./gallery-identity.ts";
import type { GalleryRecord } from "./records.ts";

const sourceTarget = "galleryApplicationVersion.properties.publishingProfile.source";
const gibibyte = 2 ** 30;

/** The bytes that a gallery has read for a version. */
export type ReadPackage = {
  readonly digest: string;
  readonly bytes: number;
  /** Whether the home region's copy served instead of the blob. */
  readonly isReused: boolean;
};

/** The links that a write makes the gallery read, with their SAS if they have one. */
export type SourceLinks = {
  readonly mediaLink: string;
  readonly defaultConfigurationLink?: string | undefined;
};

/** Reads the package, and the configuration if there is one, as the gallery would; refuses what Azure would. */
export async function readSource(
  context: ArmContext,
  gallery: GalleryRecord,
  links: SourceLinks,
): Promise<Refused | ReadPackage> {
  const read = await readLink(context, gallery, links.mediaLink, { member: "mediaLink", gibibytes: 2 });
  if ("refusal" in read || links.defaultConfigurationLink === undefined) return read;
  const limits = { member: "defaultConfigurationLink", gibibytes: 1 };
  const configuration = await readLink(context, gallery, links.defaultConfigurationLink, limits);
  return "refusal" in configuration ? configuration : read;
}

async function readLink(
  context: ArmContext,
  gallery: GalleryRecord,
  link: string,
  { member, gibibytes }: { readonly member: string; readonly gibibytes: number },
): Promise<Refused | ReadPackage> {
  const refused = (message: string): Refused => ({
    refusal: invalidParameter(message, `${sourceTarget}.${member}`),
  });
  if (!/^https?:\/\//i.test(link) || !URL.canParse(link)) {
    return refused(`Source uri: '${link}' must be an absolute uri.`);
  }
  const reading = await readWithIdentity(context, gallery, link);
  if (!reading) {
    const reason = `The remote name could not be resolved: '${new URL(link).hostname}'`;
    return refused(
      `The gallery application version url ${link} can't be accessed due to the following error: ${reason}. Ensure ` +
        "that the blob exists and that it's either publicly accessible or is a SAS url with read privileges.",
    );
  }
  if (reading.status === 404) return refused(`The blob referenced by source uri ${link} doesn't exist.`);
  if (reading.status !== 200) return refused(`The SAS is not valid for source uri '${link}'.`);
  const problem = contentProblem(link, reading, gibibytes);
  return problem === undefined
    ? { digest: reading.sha256, bytes: reading.size, isReused: false }
    : refused(problem);
}

function contentProblem(
  link: string,
  reading: Extract<BlobReading, { status: 200 }>,
  gibibytes: number,
): string | undefined {
  if (!/^(block|page)/i.test(reading.blobType)) {
    return (
      `${reading.blobType} blob type isn't supported for PutGalleryApplicationVersion operation. ` +
      "Only page blobs and block blobs are supported."
    );
  }
  if (reading.size === 0) return `The blob referenced by source uri ${link} is empty.`;
  if (reading.size <= gibibytes * gibibyte) return undefined;
  return (
    `The blob referenced by source uri ${link} is too large: size = ${reading.size}. ` +
    `The maximum blob size allowed is '${gibibytes} GB'.`
  );
}

/** First as anybody, then with each of the gallery's identities. Only an identity's "absent" is believed. */
async function readWithIdentity(
  context: ArmContext,
  gallery: GalleryRecord,
  link: string,
): Promise<BlobReading | undefined> {
  const anonymous = await attempt(context, link, undefined);
  if (!anonymous || anonymous.status === 200) return anonymous;
  let refusal: BlobReading = { status: 403, code: "AuthorizationFailure" };
  for (const principalId of principalsOf(context, gallery)) {
    if (context.settings.roleScope === "account" && !hasRoleOnAccount(context, principalId)) continue;
    const reading = await attempt(context, link, principalId);
    if (reading?.status === 200) return reading;
    if (reading?.status === 404) refusal = reading;
  }
  return refusal;
}

function hasRoleOnAccount(context: ArmContext, principalId: string): boolean {
  return context.access
    .list()
    .some((role) => role.principalId === principalId && !/\/blobServices\//i.test(role.scope));
}

async function attempt(
  context: ArmContext,
  url: string,
  principalId: string | undefined,
): Promise<BlobReading | undefined> {
  const reading = await context.blobs.read(url, principalId);
  const status = reading?.status ?? "unreachable";
  context.state.blobAttempts.push({ at: context.clock.now(), url, principalId, status });
  return reading;
}
