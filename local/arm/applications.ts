import * as z from "zod";
import type { ArmAnswer } from "./answer.ts";
import { conflict, invalidParameter, listAnswer } from "./answer.ts";
import { bodyRefusal, withoutNulls } from "./body-refusal.ts";
import type { ArmCall, ArmContext } from "./context.ts";
import { missingParent, resourceNotFound } from "./not-found.ts";
import type { ApplicationRecord } from "./records.ts";
import { regionName, regionNamed } from "./regions.ts";
import { deleteApplication } from "./removal.ts";
import { idKey, nameOf, parentId } from "./resource-id.ts";

const applicationName = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,115}[A-Za-z0-9_-])?$/;

const applicationBody = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  type: z.string().optional(),
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  properties: z
    .strictObject({
      supportedOSType: z.enum(["Windows", "Linux"]).optional(),
      description: z.string().optional(),
      eula: z.string().optional(),
      privacyStatementUri: z.string().optional(),
      releaseNoteUri: z.string().optional(),
      endOfLifeDate: z.string().optional(),
      customActions: z.array(z.unknown()).optional(),
    })
    .optional(),
});

/** GET, PUT and DELETE of one application. */
export function answerApplication(context: ArmContext, call: ArmCall): ArmAnswer {
  if (call.method === "DELETE") return deleteApplication(context, call);
  const refusal = missingParent(context, call.target);
  if (refusal) return refusal;
  const application = context.state.applications.get(call.target.id);
  if (call.method === "PUT") return putApplication(context, call, application);
  return application ? { status: 200, body: renderApplication(application) } : resourceNotFound(call.target);
}

/** GET of a gallery's applications. */
export function listApplications(context: ArmContext, call: ArmCall): ArmAnswer {
  const refusal = missingParent(context, call.target);
  if (refusal) return refusal;
  const applications = context.state.applications
    .values()
    .filter((application) => idKey(parentId(application.id)) === idKey(call.target.id));
  return listAnswer(applications.map(renderApplication));
}

function putApplication(
  context: ArmContext,
  call: ArmCall,
  before: ApplicationRecord | undefined,
): ArmAnswer {
  const parsed = applicationBody.safeParse(withoutNulls(call.body));
  if (!parsed.success) return bodyRefusal(parsed.error, "galleryApplication").refusal;
  const { location, tags, properties } = parsed.data;
  if (!applicationName.test(call.target.name)) {
    return invalidParameter(
      `The gallery application name '${call.target.name}' is invalid.`,
      "galleryApplication.name",
    );
  }
  if (!regionNamed(location ?? "", context.settings.regions)) {
    return invalidParameter(`The location '${location ?? ""}' is not valid.`, "location");
  }
  const target = "galleryApplication.properties.supportedOSType";
  const supportedOSType = properties?.supportedOSType ?? before?.properties.supportedOSType;
  if (supportedOSType === undefined) {
    return invalidParameter(`Required parameter '${target}' is missing (null).`, target);
  }
  if (before && before.properties.supportedOSType !== supportedOSType) {
    return conflict("PropertyChangeNotAllowed", `Changing property '${target}' is not allowed.`, target);
  }
  const application: ApplicationRecord = {
    id: before?.id ?? call.target.id,
    location: before?.location ?? regionName(location ?? ""),
    tags: tags ?? {},
    properties: { ...properties, supportedOSType },
  };
  context.state.applications.set(application.id, application);
  // Done at once: no provisioningState and no operation, as recorded.
  return { status: before ? 200 : 201, body: renderApplication(application) };
}

function renderApplication(application: ApplicationRecord): unknown {
  return {
    name: nameOf(application.id),
    id: application.id,
    // Assumed: the type's text on the wire, by Resource Manager's rule for nested types.
    type: "Microsoft.Compute/galleries/applications",
    location: application.location,
    tags: application.tags,
    properties: application.properties,
  };
}
