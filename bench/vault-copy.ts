// Copies a file into the fake vault as the function app does. Arguments: what to do (read, write or verify), the file, its
// SHA-256 and the blob service. Prints the seconds it took.
import { createReadStream, statSync } from "node:fs";
import { BlockBlobClient } from "@azure/storage-blob";
import { copyVerified } from "../functions/azure/vault-copy.ts";

const BLOCK_BYTES = 8 * 1024 * 1024;
const BLOCKS_AT_ONCE = 4;

const [task, file = "", sha256 = "", service = ""] = process.argv.slice(2);
const path = "app/1.0.0/digest/app.bin";
const blob = new BlockBlobClient(`${service}/benchaccount/packages/${path}`);
const { size } = statSync(file);
const begun = performance.now();
if (task === "read") await readOnly();
else if (task === "write") await writeOnly();
else await verify();
process.stdout.write(`${(performance.now() - begun) / 1000}\n`);

async function readOnly(): Promise<void> {
  let read = 0;
  for await (const chunk of bytesOf()) read += chunk.length;
  if (read !== size) throw new Error(`${read} bytes read of ${size}`);
}

async function writeOnly(): Promise<void> {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  const ids = Array.from({ length: Math.ceil(size / BLOCK_BYTES) }, (_, number) =>
    Buffer.from(String(number).padStart(6, "0")).toString("base64"),
  );
  const left = [...ids];
  const lane = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      await blob.stageBlock(id, bytes, bytes.length);
    }
  };
  await Promise.all(Array.from({ length: BLOCKS_AT_ONCE }, lane));
  await blob.commitBlockList(ids);
}

async function verify(): Promise<void> {
  const outcome = await copyVerified(() => Promise.resolve(bytesOf()), blob, { path, size, sha256 });
  if (outcome !== "in-vault") throw new Error(`the bytes are ${JSON.stringify(outcome)}`);
}

async function* bytesOf(): AsyncIterable<Uint8Array> {
  for await (const chunk of createReadStream(file)) yield Buffer.from(chunk);
}
