import { randomUUID } from "node:crypto";
import { MANIFEST_FILE } from "../../core/file-name.ts";
import { parseManifest } from "../../core/manifest.ts";
import { dropPrefix, sha256 } from "../../core/naming.ts";
import {
  BLOCK_BYTES,
  blockId,
  blockNumberFrom,
  BLOCKS_AT_ONCE,
  blockSize,
  blocksOf,
  commitFrom,
  dropOfUpload,
  filesFrom,
  isSameOpening,
  manifestFault,
  newUpload,
  receivedBlocks,
  type Upload,
  uploadFilePath,
  uploadId,
} from "../../core/upload.ts";
import type { DropBox, Reports } from "../ports.ts";
import { exactBytes } from "./exact-bytes.ts";
import { type Answer, answerOf, HttpProblem } from "./http-answers.ts";
import type { ApiCall, CallerRules, Endpoint } from "./http-api.ts";
import {
  changeUpload,
  countCommitted,
  countOpened,
  fileOf,
  keepNew,
  ownUpload,
  refuseExpired,
} from "./kept-uploads.ts";
import { asRequested } from "./requested.ts";
import {
  alreadyCommitted,
  blocksMissing,
  keyTaken,
  noSuchBlock,
  otherManifest,
  otherSize,
} from "./submission-refusals.ts";
import { accepted } from "./version-operations.ts";

/** What submissions through the endpoints work with. */
export interface SubmissionPorts {
  readonly dropBox: DropBox;
  readonly reports: Reports;
  readonly callers: Pick<CallerRules, "keyOf" | "shareOf" | "submitterOf">;
  readonly now: () => Date;
}

/** The endpoints through which a submission is brought in by whoever cannot reach storage. */
export function submissionEndpoints(ports: SubmissionPorts) {
  const operation = "submit";
  return {
    open: { operation, serve: (call) => open(ports, call) },
    see: { operation, serve: async (call) => told(ports, await ownOf(ports, call)) },
    send: { operation, pace: "blocks", serve: (call) => send(ports, call) },
    commitFile: { operation, serve: (call) => commitFile(ports, call) },
    commit: { operation, serve: (call) => commit(ports, call) },
  } as const satisfies Record<string, Endpoint>;
}

async function open(ports: SubmissionPorts, call: ApiCall): Promise<Answer> {
  const { release, caller, idempotencyKey } = call;
  const { reports, callers } = ports;
  const files = asRequested(filesFrom, await call.body());
  const opener = callers.keyOf(caller);
  const submission = uploadId(release, opener, idempotencyKey ?? randomUUID());
  const wanted = newUpload(
    { ...release, submission },
    { opener, by: callers.submitterOf(caller), files },
    ports.now(),
  );
  const share = callers.shareOf(caller);
  const { version, expiresAt } = wanted;
  await countOpened(
    reports,
    release.application,
    { submission, version, caller: share, expiresAt },
    ports.now(),
  );
  const upload = await keepNew(reports, wanted);
  if (upload.opener !== opener || !isSameOpening(upload, files)) throw keyTaken();
  const path = `/api/applications/${release.application}/versions/${version}/submissions/${submission}`;
  return told(ports, upload, 201, { location: path });
}

async function send(ports: SubmissionPorts, call: ApiCall): Promise<Answer> {
  const upload = await ownOf(ports, call);
  refuseExpired(upload, ports.now());
  const file = fileOf(upload, call.param("file"));
  const block = blockNumberFrom(call.param("block"));
  const size = block === undefined ? undefined : blockSize(file, block);
  if (block === undefined || size === undefined) throw noSuchBlock(file, call.param("block"));
  if (file.sha256 !== null) throw alreadyCommitted(file);
  const { bytes, fault } = exactBytes(call.bytes, size);
  try {
    await ports.dropBox.writeBlock(uploadFilePath(upload, file.file), blockId(block), bytes, size);
  } catch (error) {
    throw fault() ?? error;
  }
  return answerOf(200, { file: file.file, block, size });
}

async function commitFile(ports: SubmissionPorts, call: ApiCall): Promise<Answer> {
  const upload = await ownOf(ports, call);
  const { size, sha256: digest } = asRequested(commitFrom, await call.body());
  const file = fileOf(upload, call.param("file"));
  if (file.size !== size) throw otherSize(file, size);
  if (file.sha256 === digest) return told(ports, upload);
  if (file.sha256 !== null) throw alreadyCommitted(file);
  refuseExpired(upload, ports.now());
  const path = uploadFilePath(upload, file.file);
  const all = Array.from({ length: blocksOf(file) }, (_, block) => block);
  const received = receivedBlocks(file, await ports.dropBox.blocks(path));
  const missing = all.filter((block) => !received.includes(block));
  if (missing.length > 0) throw blocksMissing(file, missing);
  // When the file is there already, an attempt before this one made it, and its answer got lost.
  await ports.dropBox.commitBlocks(path, all.map(blockId));
  const changed = await changeUpload(ports.reports, upload, (present) => {
    const now = fileOf(present, file.file);
    if (now.sha256 !== null && now.sha256 !== digest) throw alreadyCommitted(file);
    if (now.sha256 === digest) return present;
    const files = present.files.map((one) => (one.file === file.file ? { ...one, sha256: digest } : one));
    return { ...present, files };
  });
  return told(ports, changed);
}

async function commit(ports: SubmissionPorts, call: ApiCall): Promise<Answer> {
  const upload = await ownOf(ports, call);
  const text = await call.text();
  const manifest = asRequested(parseManifest, text);
  const fault = manifestFault(upload, manifest);
  if (fault) throw new HttpProblem(409, fault);
  refuseExpired(upload, ports.now());
  const digest = sha256(text);
  // What was announced comes before what is there, so that whoever looks at the manifest can tell whose it is.
  await changeUpload(ports.reports, upload, (present) => {
    if (present.manifestSha256 === digest) return present;
    if (present.manifestSha256 !== null) throw otherManifest(present);
    return { ...present, manifestSha256: digest };
  });
  await ports.dropBox.create(dropPrefix(dropOfUpload(upload)) + MANIFEST_FILE, text);
  await countCommitted(ports.reports, upload);
  return accepted(call, upload.submission);
}

function ownOf({ reports, callers }: SubmissionPorts, call: ApiCall): Promise<Upload> {
  return ownUpload(reports, call.release, call.submission ?? "", callers.keyOf(call.caller));
}

async function told(
  { dropBox }: SubmissionPorts,
  upload: Upload,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { application, version, submission, expiresAt, manifestSha256 } = upload;
  const files = [];
  for (const { file, size, sha256: digest } of upload.files) {
    const isWhole = digest !== null;
    const blocks = blocksOf({ size });
    const received = isWhole
      ? Array.from({ length: blocks }, (_, block) => block)
      : receivedBlocks({ size }, await dropBox.blocks(uploadFilePath(upload, file)));
    files.push({ file, size, blocks, received, sha256: digest });
  }
  const place = `/api/applications/${application}/versions/${version}`;
  return answerOf(
    status,
    {
      ...{ application, version, submission, status: `${place}?submission=${submission}` },
      ...{ blockBytes: BLOCK_BYTES, blocksAtOnce: BLOCKS_AT_ONCE, expiresAt, files, manifestSha256 },
    },
    headers,
  );
}
