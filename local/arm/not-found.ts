import type { ArmAnswer } from "./answer.ts";
import { refuse } from "./answer.ts";
import type { ArmContext } from "./context.ts";
import { parentId } from "./resource-id.ts";
import type { Target } from "./routes.ts";

/** The refusal when the gallery or application that a resource lies in is absent. */
export function missingParent(context: ArmContext, target: Target): ArmAnswer | undefined {
  const { kind, id } = target;
  const application = kind === "versions" ? id : kind === "version" ? parentId(id) : undefined;
  const isInApplication = application !== undefined;
  const gallery = isInApplication ? parentId(application) : kind === "applications" ? id : parentId(id);
  const missing = !context.state.galleries.get(gallery)
    ? gallery
    : isInApplication && !context.state.applications.get(application)
      ? application
      : undefined;
  if (missing === undefined) return undefined;
  const message =
    `Failed to perform an operation on resource(s) of type '${typeOf(target)}', because the parent resource ` +
    `'${missing}' could not be found.`;
  return refuse(404, { code: "ParentResourceNotFound", message });
}

/** The answer to a GET or PATCH of a resource that is absent. */
export function resourceNotFound(target: Target): ArmAnswer {
  const path = target.id.slice(target.id.indexOf("/providers/") + "/providers/".length);
  const message =
    `The Resource '${path}' under resource group '${target.resourceGroup}' was not found. ` +
    "For more details please go to https://aka.ms/ARMResourceNotFoundFix";
  return refuse(404, { code: "ResourceNotFound", message });
}

function typeOf(target: Target): string {
  return target.kind.startsWith("version") ? "galleries/applications/versions" : "galleries/applications";
}
