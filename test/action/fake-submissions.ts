import { createHash } from "node:crypto";
import type { Release, Submission } from "../../core/naming.ts";
import { Problem } from "../../core/problem.ts";
import type { NamedFile, OpenSubmission, Submissions } from "../../action/pipeline-submissions.ts";

interface Kept extends OpenSubmission {
  readonly blocks: Map<string, Buffer>;
  readonly committed: Map<string, string>;
  manifest?: string;
}

/** The pipeline's submissions in memory, with small blocks. Refusals are given once each, before anything is done. */
export class FakeSubmissions implements Submissions {
  readonly kept = new Map<string, Kept>();
  /** Every block that was taken, as `file:number`. */
  readonly taken: string[] = [];
  readonly #refusals: { readonly operation: string; readonly error: Error }[] = [];

  readonly blockBytes = 1000;

  refuse(operation: keyof Submissions, error: Error): void {
    this.#refusals.push({ operation, error });
  }

  /** Forgets a block, as storage may. */
  lose(block: string): void {
    for (const { blocks } of this.kept.values()) blocks.delete(block);
  }

  async open(_: Release, files: readonly NamedFile[], key: string): Promise<OpenSubmission> {
    this.#meet("open");
    const submission = `api-${key}`;
    if (!this.kept.has(submission)) {
      this.kept.set(submission, {
        ...{ submission, blockBytes: this.blockBytes, blocksAtOnce: 3 },
        ...{ blocks: new Map(), committed: new Map() },
        files: files.map((file) => ({ ...file, received: [], sha256: null })),
      });
    }
    return this.#told(submission);
  }

  async see({ submission }: Submission): Promise<OpenSubmission> {
    this.#meet("see");
    return this.#told(submission);
  }

  async sendBlock({ submission }: Submission, file: string, block: number, bytes: Buffer): Promise<void> {
    this.#meet("sendBlock");
    this.taken.push(`${file}:${block}`);
    this.kept.get(submission)?.blocks.set(`${file}:${block}`, Buffer.from(bytes));
  }

  async commitFile({ submission }: Submission, file: string, size: number, sha256: string): Promise<void> {
    this.#meet("commitFile");
    const count = Math.ceil(size / this.blockBytes);
    const received = this.#receivedOf(submission, file);
    if (received.length < count) throw new Problem("blocks-missing", "blocks are missing", "Send them.");
    this.kept.get(submission)?.committed.set(file, sha256);
  }

  async commit({ submission }: Submission, manifest: string): Promise<void> {
    this.#meet("commit");
    this.kept.get(submission)!.manifest = manifest;
  }

  /** The digest of a file's bytes as they arrived. */
  arrived(submission: string, file: string): string {
    const blocks = this.kept.get(submission)?.blocks ?? new Map<string, Buffer>();
    const hash = createHash("sha256");
    for (const number of this.#receivedOf(submission, file)) hash.update(blocks.get(`${file}:${number}`)!);
    return hash.digest("hex");
  }

  #receivedOf(submission: string, file: string): number[] {
    const names = [...(this.kept.get(submission)?.blocks.keys() ?? [])];
    return names
      .filter((name) => name.startsWith(`${file}:`))
      .map((name) => Number(name.slice(file.length + 1)))
      .sort((a, b) => a - b);
  }

  #told(submission: string): OpenSubmission {
    const kept = this.kept.get(submission)!;
    const files = kept.files.map(({ file, size }) => ({
      ...{ file, size, received: this.#receivedOf(submission, file) },
      sha256: kept.committed.get(file) ?? null,
    }));
    return { submission, blockBytes: kept.blockBytes, blocksAtOnce: kept.blocksAtOnce, files };
  }

  #meet(operation: string): void {
    const index = this.#refusals.findIndex((refusal) => refusal.operation === operation);
    const [refusal] = index < 0 ? [] : this.#refusals.splice(index, 1);
    if (refusal) throw refusal.error;
  }
}
