/** Passes on the first `bytes` of a stream, then calls `onBreak` and ends with an error. */
export async function* breakAfter(
  source: AsyncIterable<unknown>,
  bytes: number,
  onBreak: () => void,
): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const piece of source) {
    const buffer = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
    if (buffer.length > left) {
      if (left > 0) yield buffer.subarray(0, left);
      break;
    }
    left -= buffer.length;
    yield buffer;
  }
  onBreak();
  throw new Error(`connection broken after ${bytes} bytes, as injected`);
}
