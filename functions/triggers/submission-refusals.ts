import { quoted } from "../../core/application.ts";
import { blocksOf, type Upload, type UploadFile } from "../../core/upload.ts";
import { HttpProblem } from "./http-answers.ts";

/** That a file has no block of this number. */
export function noSuchBlock(file: UploadFile, block: string): HttpProblem {
  return new HttpProblem(404, {
    code: "no-such-block",
    message: `${quoted(file.file)} has ${blocksOf(file)} blocks, numbered from 0, and no block ${quoted(block)}`,
    nextStep: "Send the blocks that the submission lists.",
  });
}

/** That a file is complete, and stays as it is. */
export function alreadyCommitted({ file, sha256 }: UploadFile): HttpProblem {
  return new HttpProblem(409, {
    code: "file-committed",
    message: `${quoted(file)} was committed already${sha256 === null ? "" : ` with SHA-256 ${sha256}`}`,
    nextStep: "Open another submission to send something else.",
  });
}

/** That a file was opened with another size. */
export function otherSize({ file, size }: UploadFile, asked: number): HttpProblem {
  return new HttpProblem(409, {
    code: "size-mismatch",
    message: `${quoted(file)} was opened with ${size} bytes, not ${asked}`,
    nextStep: "Open another submission with the file's true size.",
  });
}

/** That blocks have not arrived. */
export function blocksMissing({ file }: UploadFile, missing: readonly number[]): HttpProblem {
  const shown = missing.slice(0, 20).join(", ");
  return new HttpProblem(409, {
    code: "blocks-missing",
    message: `${quoted(file)} lacks ${missing.length} blocks: ${shown}${missing.length > 20 ? " and more" : ""}`,
    nextStep: "Send these blocks, then commit the file again. GET of the submission lists what has arrived.",
  });
}

/** That the submission is committed with another manifest. */
export function otherManifest({ submission, manifestSha256 }: Upload): HttpProblem {
  return new HttpProblem(409, {
    code: "manifest-committed",
    message: `${submission} was committed with another manifest, whose SHA-256 is ${manifestSha256 ?? "unknown"}`,
    nextStep: "Open another submission to publish in another way.",
  });
}

/** That a key was used for another request. */
export function keyTaken(): HttpProblem {
  return new HttpProblem(422, {
    code: "idempotency-key-reused",
    message: "this Idempotency-Key was used for another request",
    nextStep: "Use a new key for each request, and the same one only to repeat it.",
  });
}
