import type { ArmAnswer } from "./answer.ts";
import { answerApplication, listApplications } from "./applications.ts";
import type { ArmCall, ArmContext } from "./context.ts";
import { retryAfterHeader } from "./context.ts";
import { answerGallery, listGalleries } from "./galleries.ts";
import { operationAnswer } from "./operations.ts";
import { queryGraph } from "./resource-graph.ts";
import { answerRoleAssignment, listAssignments } from "./role-assignments.ts";
import type { TargetKind } from "./routes.ts";
import {
  getProvider,
  getSeededResource,
  getSubscription,
  listLocations,
  listSeededResources,
  listSubscriptions,
} from "./subscriptions.ts";
import { answerVersion, listVersions } from "./versions.ts";

type Answer = (context: ArmContext, call: ArmCall) => ArmAnswer | Promise<ArmAnswer>;

const answers: Readonly<Record<TargetKind, Answer>> = {
  subscriptions: listSubscriptions,
  subscription: getSubscription,
  locations: listLocations,
  provider: getProvider,
  galleries: listGalleries,
  gallery: answerGallery,
  applications: listApplications,
  application: answerApplication,
  versions: listVersions,
  version: answerVersion,
  operation: getOperation,
  "role-assignments": listAssignments,
  "role-assignment": answerRoleAssignment,
  "storage-account": getSeededResource,
  "blob-service": getSeededResource,
  containers: listSeededResources,
  topic: getSeededResource,
  "event-subscriptions": listSeededResources,
  "function-app": getSeededResource,
  "app-settings": getSeededResource,
  "password-policies": listSeededResources,
  "resource-graph": queryGraph,
  "managed-identity": getSeededResource,
};

/** Hands a request that has passed the gate to whom it concerns. */
export function dispatch(context: ArmContext, call: ArmCall): ArmAnswer | Promise<ArmAnswer> {
  return answers[call.target.kind](context, call);
}

function getOperation(context: ArmContext, call: ArmCall): ArmAnswer {
  const operation = context.operations.get(call.target.name);
  const now = context.clock.now();
  const answer = operationAnswer(operation, call.rawPath, now);
  const isRunning = operation !== undefined && now < operation.endsAt;
  return isRunning ? { ...answer, headers: retryAfterHeader(context) } : answer;
}
