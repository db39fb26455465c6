/* eslint jest/no-export: "off" -- a suite that the test file of each implementation calls */
import type { DropBox } from "../../functions/ports.ts";

/** A drop box under test, and a hand behind its scenes. */
export interface DropBoxUnderTest {
  readonly dropBox: DropBox;
  /** What lies there, committed; undefined when nothing does. */
  readonly bytesAt: (path: string) => Promise<Buffer | undefined>;
}

async function* inPieces(text: string): AsyncGenerator<Uint8Array> {
  for (const letter of text) yield Buffer.from(letter);
}

const PATH = "app/1.0.0/api-1/app.tar.gz";
const [one, two] = ["block-1", "block-2"].map((name) => btoa(name)) as [string, string];

/** What every implementation of `DropBox` promises. `create` gives an empty one. */
export function itTakesFiles(create: () => Promise<DropBoxUnderTest>): void {
  it("makes a file of its blocks, in the order that is given", async () => {
    const { dropBox, bytesAt } = await create();
    await dropBox.writeBlock(PATH, two, inPieces("world"), 5);
    await dropBox.writeBlock(PATH, one, inPieces("hello "), 6);
    expect(await bytesAt(PATH)).toBeUndefined();
    expect(await dropBox.commitBlocks(PATH, [one, two])).toBe("written");
    expect((await bytesAt(PATH))?.toString()).toBe("hello world");
  });

  it("tells which blocks it has, before and after they became a file", async () => {
    const { dropBox } = await create();
    expect(await dropBox.blocks(PATH)).toEqual([]);
    await dropBox.writeBlock(PATH, one, inPieces("hello"), 5);
    expect(await dropBox.blocks(PATH)).toEqual([{ id: one, size: 5 }]);
    await dropBox.commitBlocks(PATH, [one]);
    expect(await dropBox.blocks(PATH)).toEqual([{ id: one, size: 5 }]);
  });

  it("overwrites no file", async () => {
    const { dropBox, bytesAt } = await create();
    await dropBox.writeBlock(PATH, one, inPieces("hello"), 5);
    await dropBox.commitBlocks(PATH, [one]);
    expect(await dropBox.commitBlocks(PATH, [one])).toBe("exists");
    expect(await dropBox.create(PATH, "other")).toBe("exists");
    expect((await bytesAt(PATH))?.toString()).toBe("hello");
  });

  it("keeps nothing of a block whose bytes break off", async () => {
    const { dropBox } = await create();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("he");
      throw new Error("cut");
    }
    await expect(dropBox.writeBlock(PATH, one, broken(), 5)).rejects.toThrow();
    expect(await dropBox.blocks(PATH)).toEqual([]);
  });

  it("creates a small file", async () => {
    const { dropBox, bytesAt } = await create();
    expect(await dropBox.create(PATH, '{"ä": 1}')).toBe("written");
    expect((await bytesAt(PATH))?.toString()).toBe('{"ä": 1}');
  });
}
