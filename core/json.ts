import { quoted } from "./application.ts";
import { Problem } from "./problem.ts";

/** Manifests and profiles are small; more than this is no manifest. */
export const MAX_DOCUMENT_BYTES = 65_536;

const MAX_DEPTH = 12;

/**
 * The value of a JSON document that a stranger may have written. Refuses with `bad-json` what `JSON.parse` lets pass:
 * more than 64 KiB, repeated member names, deep nesting, a `__proto__` member, characters that would not arrive in
 * Azure as they are.
 */
export function parseUntrustedJson(text: string, what: string): unknown {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_DOCUMENT_BYTES) {
    throw bad(what, `has ${bytes} bytes, more than the ${MAX_DOCUMENT_BYTES} allowed`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw bad(what, `is not JSON: ${told.replace(/\s+/g, " ")}`, error);
  }
  const fault = structuralFault(text);
  if (fault) throw bad(what, fault);
  return value;
}

// Walks valid JSON token by token; only strings and brackets matter.
function structuralFault(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let atMember = false;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/gs)) {
    const members = open.at(-1);
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined);
      if (open.length > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
      atMember = token === "{";
    } else if (token === "}" || token === "]") {
      open.pop();
      atMember = false;
    } else if (token === ",") {
      atMember = members !== undefined;
    } else if (token === ":") {
      atMember = false;
    } else {
      const content = String(JSON.parse(token));
      if (content.includes("\0")) return "has a NUL character";
      // UTF-8 has no half of a surrogate pair: another character would be sent in its place.
      if (/\p{Cs}/u.test(content)) return "has a character that is no Unicode text";
      if (!atMember || !members) continue;
      if (content === "__proto__") return 'has a member "__proto__"';
      if (members.has(content)) return `has the member ${quoted(content)} twice`;
      members.add(content);
    }
  }
  return undefined;
}

function bad(what: string, rule: string, cause?: unknown): Problem {
  return new Problem(
    "bad-json",
    `${what} ${rule}`,
    "Write it again as plain JSON; schemas/ says what it may hold.",
    {
      cause,
    },
  );
}
