import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { MAX_DOCUMENT_BYTES } from "../core/json.ts";
import { Problem } from "../core/problem.ts";
import { type ReleaseFile, releaseFileFrom } from "../core/release-file.ts";
import { messageOf } from "./thrown.ts";

/**
 * What `text`, the content of the YAML file `name`, says about the release. `bad-manifest` lists every fault as
 * `vmapp.yaml:3:5: …`.
 */
export function parseReleaseFile(text: string, name: string): ReleaseFile {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DOCUMENT_BYTES) {
    throw bad([`${name} has ${bytes} bytes, more than the ${MAX_DOCUMENT_BYTES} allowed`]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number | undefined): string => {
    if (offset === undefined) return name;
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw bad(document.errors.map((error) => `${place(error.pos[0])}: ${error.message}`));
  }
  const parsed = releaseFileFrom(valueOf(() => plain(document), name) ?? {});
  if ("file" in parsed) return parsed.file;
  throw bad(
    parsed.faults.map(({ path, text: fault }) => {
      const node: unknown = path.length > 0 ? nearestNode(document, path) : undefined;
      return `${place(isNode(node) ? node.range?.[0] : undefined)}: ${fault}`;
    }),
  );
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
    throw bad([`${name}: ${messageOf(error)}`]);
  }
}

function bad(faults: readonly string[]): Problem {
  return new Problem(
    "bad-manifest",
    faults.join("\n"),
    "Mend the file; the fields are those of Azure's documentation, and schemas/ describes each.",
  );
}

function plain(document: ReturnType<typeof parseDocument>): unknown {
  const value: unknown = document.toJS();
  return value;
}
