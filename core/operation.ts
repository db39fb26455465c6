import * as z from "zod";
import { type Release, sha256 } from "./naming.ts";
import { isOperationId } from "./operation-id.ts";
import { duplicateRegions, regionKey } from "./region.ts";
import { settingsShape } from "./settings.ts";
import { requestBodyFrom } from "./request-body.ts";

const targetRegions = settingsShape.targetRegions.unwrap();

const regionNames = z
  .array(
    z
      .string()
      .max(60)
      .regex(/^[A-Za-z][A-Za-z0-9 ]*$/, 'is not a region such as "eastus2" or "East US 2"'),
  )
  .min(1)
  .max(100)
  .superRefine((names, context) => {
    for (const name of duplicateRegions(names)) {
      context.addIssue({ code: "custom", message: `has the region ${JSON.stringify(name)} more than once` });
    }
  })
  .transform((names) => names.map(regionKey));

const release = { application: z.string(), version: z.string() };

const expansion = z.strictObject({ ...release, kind: z.literal("expand"), targetRegions });
const latestChange = z.strictObject({
  ...release,
  kind: z.enum(["promote", "withdraw"]),
  /** Null: everywhere. */
  regions: z.array(z.string()).nullable(),
});

/** The schema of an {@link Operation}. */
export const operationSchema = z.discriminatedUnion("kind", [expansion, latestChange]);

/** A published version is brought to more regions. */
export type Expansion = z.infer<typeof expansion>;
/** A published version is put into `latest` (promote), or taken out of it (withdraw). */
export type LatestChange = z.infer<typeof latestChange>;
/** What can be asked for a version that is in the gallery. Each is reported on like a submission. */
export type Operation = Expansion | LatestChange;

/** The expansion that a request's body asks for, or a problem `bad-request` with every fault. */
export function expansionFrom({ application, version }: Release, body: unknown): Expansion {
  const asked = requestBodyFrom(z.strictObject({ targetRegions }), body, '{"targetRegions": ["westeurope"]}');
  return { kind: "expand", application, version, targetRegions: asked.targetRegions };
}

/** The change that a request's body asks for; no body, or one without regions, means all of them. */
export function latestChangeFrom(
  kind: LatestChange["kind"],
  { application, version }: Release,
  body: unknown,
): LatestChange {
  const schema = z.strictObject({ regions: regionNames.optional() });
  const { regions } = requestBodyFrom(
    schema,
    body ?? {},
    '{"regions": ["westeurope"]}, or {} for all regions',
  );
  return { kind, application, version, regions: regions ?? null };
}

/** Who gave an operation a key of their own, so that its repetition is known again. */
export interface GivenKey {
  readonly caller: string;
  readonly key: string;
}

/**
 * The name under which an operation is reported: the same for the same content, or for the same key of the same caller.
 */
export function operationId(operation: Operation, given: GivenKey | undefined): string {
  const { kind, application, version } = operation;
  const seed = given ? ["key", kind, application, version, given.caller, given.key] : [contentOf(operation)];
  return `${kind}-${sha256(JSON.stringify(seed)).slice(0, 32)}`;
}

/** Whether two operations ask for the same, whatever the order of their regions. */
export function isSameOperation(a: Operation, b: Operation): boolean {
  return JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b));
}

const recordSchema = z.object({ operation: operationSchema, askedBy: z.string() });

/** An operation as it is kept, so that any instance knows it again and it can be started once more. */
export type OperationRecord = z.infer<typeof recordSchema>;

/** Where an operation is kept in `reports`: no application's name begins so. */
export function operationPath({ application, version }: Release, id: string): string {
  return `_operations/${application}/${version}/${id}.json`;
}

/** The operation that is kept at a path; undefined for any other path. */
export function operationOfPath(
  path: string,
): { readonly release: Release; readonly id: string } | undefined {
  const [folder, application = "", version = "", file = "", ...more] = path.split("/");
  const id = file.replace(/\.json$/, "");
  if (folder !== "_operations" || more.length > 0 || !isOperationId(id)) return undefined;
  const release = { application, version };
  return operationPath(release, id) === path ? { release, id } : undefined;
}

/** The text in which an operation is kept. */
export function operationText(record: OperationRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** The operation that the pipeline kept. */
export function parseOperation(text: string): OperationRecord {
  return recordSchema.parse(JSON.parse(text));
}

function contentOf(operation: Operation): unknown {
  const { kind, application, version } = operation;
  const regions =
    operation.kind === "expand"
      ? operation.targetRegions.map((region) => [
          region.name,
          region.regionalReplicaCount ?? null,
          region.storageAccountType ?? null,
          region.excludeFromLatest ?? null,
        ])
      : operation.regions;
  return [kind, application, version, regions && [...regions].sort(byText)];
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
