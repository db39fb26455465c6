import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { quoted } from "../core/application.ts";
import { Problem } from "../core/problem.ts";
import type { PackageFile } from "./package-file.ts";
import type { OpenPackage, PackageSource } from "./package-source.ts";
import { messageOf } from "./thrown.ts";

/** A file of the workspace as a source. The problem `file-changed` when somebody writes to it while it is read. */
export function fileSource(file: PackageFile): PackageSource {
  return { name: file.name, size: file.size, warnings: file.warnings, open: () => openFile(file) };
}

async function openFile(file: PackageFile): Promise<OpenPackage> {
  const handle = await openForReading(file);
  const before = await handle.stat({ bigint: true });
  if (before.size !== BigInt(file.size)) {
    await handle.close();
    throw changed(file.name);
  }
  return {
    fill: (bytes, position) => fill(handle, bytes, position, file.name),
    check: async () => {
      if (!isSame(before, await handle.stat({ bigint: true }))) throw changed(file.name);
    },
    close: () => handle.close(),
  };
}

async function openForReading(file: PackageFile): Promise<FileHandle> {
  try {
    return await open(file.path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw new Problem(
      "unreadable-file",
      `${quoted(file.name)} cannot be read: ${messageOf(error)}`,
      "Check the file's permissions and owner on the runner.",
      { cause: error },
    );
  }
}

async function fill(handle: FileHandle, bytes: Buffer, position: number, name: string): Promise<void> {
  for (let filled = 0; filled < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, position + filled);
    if (bytesRead === 0) throw changed(name);
    filled += bytesRead;
  }
}

function isSame(before: BigIntStats, after: BigIntStats): boolean {
  return before.size === after.size && before.mtimeNs === after.mtimeNs && before.ino === after.ino;
}

function changed(name: string): Problem {
  return new Problem(
    "file-changed",
    `${quoted(name)} changed while it was read`,
    "Let the step that writes the file end before this one, then run the job again. Nothing was published.",
  );
}
