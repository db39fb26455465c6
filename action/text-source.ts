import type { PackageSource } from "./package-source.ts";

/** A text as a file that can be sent. */
export function textSource(name: string, text: string): PackageSource {
  const all = Buffer.from(text);
  return {
    ...{ name, size: all.length, warnings: [] },
    open: () =>
      Promise.resolve({
        fill: (bytes, position) => {
          all.copy(bytes, 0, position);
          return Promise.resolve();
        },
        check: () => Promise.resolve(),
        close: () => Promise.resolve(),
      }),
  };
}
