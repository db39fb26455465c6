import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { MAX_DOCUMENT_BYTES } from "../core/json.ts";
import { Problem } from "../core/problem.ts";
import { type ReleaseFile, releaseFileFrom } from "../core/release-file.ts";
import { type Mark, MarkedProblem, type Place } from "./place.ts";
import { messageOf } from "./thrown.ts";

/** A release file, and where its fields stand. */
export interface PlacedReleaseFile {
  readonly file: ReleaseFile;
  /** Where that field stands, or the nearest thing around it that the file has; undefined when it says nothing of it. */
  readonly placeOf: (path: readonly PropertyKey[]) => Place | undefined;
}

/**
 * What `text`, the content of the YAML file `name`, says about the release. `bad-manifest` lists every fault as
 * `vmapp.yaml:3:5: …`, each marked at its place.
 */
export function parseReleaseFile(text: string, name: string): PlacedReleaseFile {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DOCUMENT_BYTES) {
    throw bad([{ message: `${name} has ${bytes} bytes, more than the ${MAX_DOCUMENT_BYTES} allowed` }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number | undefined): Place | undefined => {
    if (offset === undefined) return undefined;
    const { line, col } = lines.linePos(offset);
    return { file: name, line, column: col };
  };
  if (document.errors.length > 0) {
    throw bad(document.errors.map(({ message, pos }) => told(name, message, placeAt(pos[0]))));
  }
  const parsed = releaseFileFrom(valueOf(() => plain(document), name) ?? {});
  const placeOf = (path: readonly PropertyKey[]): Place | undefined => {
    const node: unknown = path.length > 0 ? nearestNode(document, path) : undefined;
    return placeAt(isNode(node) ? node.range?.[0] : undefined);
  };
  if ("file" in parsed) {
    const has = (path: readonly PropertyKey[]): boolean => document.hasIn(path.slice(0, 1));
    return { file: parsed.file, placeOf: (path) => (has(path) ? placeOf(path) : undefined) };
  }
  throw bad(parsed.faults.map(({ path, text: fault }) => told(name, fault, placeOf(path))));
}

type Told = { readonly message: string; readonly mark?: Mark };

function told(name: string, fault: string, place: Place | undefined): Told {
  if (!place) return { message: `${name}: ${fault}` };
  return { message: `${name}:${place.line}:${place.column}: ${fault}`, mark: { place, message: fault } };
}

/** The value of a YAML or JSON text of an input. With `texts`, every scalar stays the text that was written. */
export function parseYamlInput(text: string, input: string, schema: "values" | "texts"): unknown {
  const document = parseDocument(text, {
    prettyErrors: false,
    schema: schema === "texts" ? "failsafe" : "core",
  });
  const [error] = document.errors;
  if (error) {
    throw new Problem(
      "bad-input",
      `input ${input} is not YAML: ${error.message}`,
      `Write ${input} as YAML or JSON; in a workflow, begin a text of several lines with "|".`,
    );
  }
  return valueOf(() => plain(document), `input ${input}`);
}

// The key of a field, or an entry of a list; of what is not there at all, the nearest thing around it.
function nearestNode(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): unknown {
  for (let length = path.length; length > 0; length--) {
    const around: unknown = document.getIn(path.slice(0, length - 1), true);
    const name = String(path[length - 1]);
    if (isMap(around)) {
      const pair = around.items.find(({ key }) => isScalar(key) && String(key.value) === name);
      if (pair) return pair.key;
    }
    const entry: unknown = isSeq(around) ? around.get(Number(name), true) : undefined;
    if (isNode(entry)) return entry;
  }
  return document.contents;
}

function valueOf(convert: () => unknown, name: string): unknown {
  try {
    return convert();
  } catch (error) {
    // Aliases that multiply without end are refused only when the value is made.
    throw bad([{ message: `${name}: ${messageOf(error)}` }]);
  }
}

function bad(faults: readonly Told[]): Problem {
  const problem = new Problem(
    "bad-manifest",
    faults.map(({ message }) => message).join("\n"),
    "Mend the file; the fields are those of Azure's documentation, and schemas/ describes each.",
  );
  return new MarkedProblem(
    problem,
    faults.flatMap(({ mark }) => (mark ? [mark] : [])),
  );
}

function plain(document: ReturnType<typeof parseDocument>): unknown {
  const value: unknown = document.toJS();
  return value;
}
