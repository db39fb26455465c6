// Steps on disk, one JSON line each. Written without fsync: they survive the process's death, not the machine's.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { apply, emptyHub, snapshotOf, stepSchema, type Hub, type Step } from "./hub.ts";

/** Where steps go before they count. */
export interface Journal {
  append(step: Step): void;
  close(): void;
}

/** A journal that forgets, for engines that live only in memory. */
export function memoryJournal(): Journal {
  return { append: () => undefined, close: () => undefined };
}

/** The steps of a journal's text. A last line that was torn by a crash never happened; another bad line is an error. */
export function stepsIn(text: string): Step[] {
  const lines = text.split("\n");
  const torn = lines.pop();
  return lines.flatMap((line, index) => {
    try {
      return [stepSchema.parse(JSON.parse(line))];
    } catch (cause) {
      if (index === lines.length - 1 && torn === "") return [];
      throw new Error(`line ${index + 1} of the journal is not a step`, { cause });
    }
  });
}

/** Opens a journal file: what it tells so far, and where to go on. It is rewritten as a snapshot first. */
export function openJournal(file: string): { readonly hub: Hub; readonly journal: Journal } {
  mkdirSync(dirname(file), { recursive: true });
  const hub = emptyHub();
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  for (const change of stepsIn(text).flat()) apply(hub, change);
  const snapshot = snapshotOf(hub).map((change) => `${JSON.stringify([change])}\n`);
  writeFileSync(`${file}.new`, snapshot.join(""));
  renameSync(`${file}.new`, file);
  const handle = openSync(file, "a");
  return {
    hub,
    journal: {
      append: (step) => void writeSync(handle, `${JSON.stringify(step)}\n`),
      close: () => closeSync(handle),
    },
  };
}
