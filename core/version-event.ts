import * as z from "zod";
import { isApplicationName } from "./application.ts";
import { isPlainSegment, type Release } from "./naming.ts";

/** What an event tells: Azure has ended a write to this gallery version, one way or the other. Look at it. */
export interface VersionWritten extends Release {
  /** The gallery's ARM id. */
  readonly galleryId: string;
}

// Azure Resource Manager as Event Grid source: the subject is the id of the resource.
const type = z.enum(["Microsoft.Resources.ResourceWriteSuccess", "Microsoft.Resources.ResourceWriteFailure"]);
const eventGridSchema = z.looseObject({ subject: z.string(), eventType: type });
const cloudEventSchema = z.looseObject({ subject: z.string(), type });
const anyEvent = z.union([eventGridSchema, cloudEventSchema]);

const SUBJECT =
  /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/galleries\/[^/]+)\/applications\/([^/]+)\/versions\/([^/]+)$/i;

/** The versions that a delivery of Event Grid's tells of, one event or an array; whatever else is in it gives nothing. */
export function versionsWritten(delivery: unknown): VersionWritten[] {
  const events: unknown[] = Array.isArray(delivery) ? delivery : [delivery];
  return events.flatMap((event) => versionWritten(event) ?? []);
}

function versionWritten(event: unknown): VersionWritten | undefined {
  const parsed = anyEvent.safeParse(event);
  if (!parsed.success) return undefined;
  const [, galleryId = "", application = "", version = ""] = SUBJECT.exec(parsed.data.subject) ?? [];
  if (!isApplicationName(application) || !isPlainSegment(version)) return undefined;
  return { galleryId, application, version };
}
