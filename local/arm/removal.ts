import type { ArmAnswer } from "./answer.ts";
import { conflict } from "./answer.ts";
import type { ArmCall, ArmContext } from "./context.ts";
import { operationHeaders } from "./context.ts";
import { idKey, nameOf, parentId } from "./resource-id.ts";

/** DELETE of one application; one that has versions, or had one a moment ago, stays. */
export function deleteApplication(context: ArmContext, call: ArmCall): ArmAnswer {
  const { id } = call.target;
  const application = context.state.applications.get(id);
  if (!application) return { status: 204 };
  if (context.state.hasVersionsLeft(id)) return nestedResources(id);
  context.state.applications.delete(id);
  return accepted(context, call, application.location);
}

/** DELETE of one gallery; one that has applications stays. */
export function deleteGallery(context: ArmContext, call: ArmCall): ArmAnswer {
  const { id } = call.target;
  const gallery = context.state.galleries.get(id);
  if (!gallery) return { status: 204 };
  const applications = context.state.applications.values();
  if (applications.some((each) => idKey(parentId(each.id)) === idKey(id))) return nestedResources(id);
  context.state.galleries.delete(id);
  return accepted(context, call, gallery.location);
}

function nestedResources(id: string): ArmAnswer {
  const message = `Can not delete resource '${nameOf(id)}' before nested resources are deleted.`;
  return conflict("CannotDeleteResource", message);
}

function accepted(context: ArmContext, { target, apiVersion }: ArmCall, location: string): ArmAnswer {
  const now = context.clock.now();
  const { subscription } = target;
  const times = { startedAt: now, endsAt: now + context.settings.galleryWriteSeconds * 1000 };
  const operation = context.operations.begin({ subscription, location, apiVersion, ...times });
  return { status: 202, headers: operationHeaders(context, operation) };
}
