import { posix, relative } from "node:path";
import type { Rule } from "eslint";

/** What the files of a row may import: `types` as types only, `never` not even where `may` would allow it. */
export type Boundary = {
  readonly files: readonly string[];
  readonly may: readonly string[];
  readonly types?: readonly string[];
  readonly never?: readonly string[];
};

/**
 * Which folder may import what; the first row that covers a file holds for it. A name that ends in `/` or `:` covers
 * everything under it, any other one file, or one package with its subpaths. CONTRIBUTING.md says what the folders
 * are for.
 */
export const boundaries: readonly Boundary[] = [
  { files: ["core/"], may: ["core/", "zod", "node:crypto"] },
  {
    files: [
      "action/main.ts",
      "action/inputs.ts",
      "action/sign-in.ts",
      "action/storage.ts",
      "action/github.ts",
      "action/github-attestations.ts",
      "action/github-release.ts",
      "action/manifest-file.ts",
      "action/console.ts",
    ],
    may: ["core/", "action/", "@actions/", "@azure/", "snappyjs", "yaml", "node:"],
  },
  {
    files: [
      "action/federated-credential.ts",
      "action/id-token.ts",
      "action/pipeline-submissions.ts",
      "action/uncompiled-schemas.ts",
    ],
    may: ["core/", "action/", "zod", "node:"],
    types: ["@azure/identity"],
  },
  { files: ["action/"], may: ["core/", "action/", "node:"], types: ["@azure/identity"] },
  {
    files: ["functions/orchestrators/"],
    may: ["core/", "functions/orchestrators/", "functions/vocabulary.ts"],
    types: ["functions/story-values.ts"],
  },
  {
    files: ["functions/triggers/", "functions/entities/"],
    may: [
      "core/",
      "functions/triggers/",
      "functions/entities/",
      "functions/answered.ts",
      "functions/ports.ts",
      "functions/starting.ts",
      "functions/vocabulary.ts",
      "functions/durable.ts",
      "functions/tracing.ts",
      "node:",
    ],
    types: ["functions/callers/", "functions/orchestrators/", "functions/config.ts", "@azure/functions"],
  },
  {
    files: ["functions/callers/"],
    may: ["core/", "functions/callers/", "jose", "@sigstore/", "sigstore", "node:"],
  },
  {
    files: ["functions/azure/"],
    may: [
      "core/",
      "functions/azure/",
      "functions/ports.ts",
      "functions/operation-scope.ts",
      "functions/tracing.ts",
      "@azure/",
      "node:",
    ],
  },
  // Verifies what strangers have signed: the fewer can reach Azure from here, the better.
  {
    files: ["functions/provenance/"],
    may: ["core/", "functions/provenance/", "@sigstore/", "zod", "node:"],
    types: ["functions/ports.ts"],
  },
  {
    files: ["functions/check-provenance.ts"],
    may: ["core/", "functions/ports.ts"],
    types: ["functions/story-values.ts"],
  },
  { files: ["functions/expire-uploads.ts"], may: ["core/"], types: ["functions/ports.ts"] },
  {
    files: ["functions/durable.ts"],
    may: [
      "core/",
      "functions/vocabulary.ts",
      "functions/operation-scope.ts",
      "functions/tracing.ts",
      "durable-functions",
    ],
    types: ["@azure/functions"],
  },
  { files: ["functions/vocabulary.ts"], may: ["core/"], types: ["functions/activities.ts"] },
  { files: ["functions/ports.ts"], may: ["core/"], types: ["node:"] },
  {
    files: ["functions/activities.ts", "functions/story-activities.ts"],
    may: [
      "core/",
      "functions/answered.ts",
      "functions/check-provenance.ts",
      "functions/examine-release.ts",
      "functions/expire-uploads.ts",
      "functions/ports.ts",
      "functions/report-saving.ts",
      "functions/starting.ts",
      "functions/vocabulary.ts",
      "functions/write-to-gallery.ts",
      "node:",
    ],
    types: [
      "functions/story-values.ts",
      "functions/notify.ts",
      "functions/story-activities.ts",
      "functions/version-updates.ts",
    ],
  },
  // What stories and activities hand each other.
  {
    files: ["functions/story-values.ts"],
    may: ["core/"],
    types: ["functions/answered.ts", "functions/report-saving.ts"],
  },
  // What activities do to submissions and to the gallery, and activities in a file of their own.
  {
    files: ["functions/examine-release.ts", "functions/write-to-gallery.ts", "functions/version-updates.ts"],
    may: ["core/", "functions/answered.ts", "functions/ports.ts", "functions/write-to-gallery.ts"],
    types: ["functions/story-values.ts"],
  },
  // What activities and entities have in common.
  { files: ["functions/answered.ts"], may: ["core/", "functions/ports.ts"] },
  // Activities save what the story tells before they do their own work.
  { files: ["functions/report-saving.ts"], may: ["core/"], types: ["functions/ports.ts"] },
  // What starts stories: triggers, and activities of the reconciler.
  { files: ["functions/starting.ts"], may: ["core/"], types: ["functions/vocabulary.ts"] },
  {
    files: ["functions/config.ts"],
    may: ["core/", "zod", "node:"],
    types: ["functions/notifications/channels.ts"],
  },
  // Whom endings are told to: plain HTTP, and Key Vault for what proves the sender.
  { files: ["functions/notifications/"], may: ["core/", "functions/notifications/", "node:"] },
  { files: ["functions/"], may: ["core/", "functions/", "@azure/", "node:"] },
  {
    // Looks at a deployment from outside, by the same reads as the function app.
    files: ["doctor/"],
    may: [
      "core/",
      "doctor/",
      "functions/azure/",
      "functions/config.ts",
      "functions/look-around.ts",
      "@azure/",
      "zod",
      "node:",
    ],
  },
  { files: ["local/", "test/", "bench/", "scripts/"], may: ["*"] },
  { files: ["*"], may: ["*"], never: ["local/"] },
];

/** The ESLint rule that reports every import which no row above allows. */
export const importBoundaries: Rule.RuleModule = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      forbidden: '{{file}} may not import "{{source}}", only {{allowed}}.',
    },
  },
  create(context) {
    const file = relative(context.cwd, context.filename).replaceAll("\\", "/");
    const row = boundaries.find(({ files }) => covers(files, file));
    if (row === undefined) return {};
    const { may, types = [], never = [] } = row;

    function check(source: Rule.Node, isType: boolean): void {
      if (source.type !== "Literal" || typeof source.value !== "string") return;
      const target = source.value.startsWith(".")
        ? posix.join(posix.dirname(file), source.value)
        : source.value;
      if (covers(isType ? [...may, ...types] : may, target) && !covers(never, target)) return;
      context.report({
        node: source,
        messageId: "forbidden",
        data: {
          file,
          source: source.value,
          allowed: [
            ...may,
            ...types.map((name) => `types of ${name}`),
            ...never.map((name) => `not ${name}`),
          ].join(", "),
        },
      });
    }

    const declarations = "ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration";
    return {
      [`:matches(${declarations}) > Literal.source`]: (source: Rule.Node) =>
        check(source, isTypeOnly(source.parent)),
      "ImportExpression > Literal.source": (source: Rule.Node) => check(source, false),
      "TSImportType > Literal.source": (source: Rule.Node) => check(source, true),
    };
  },
};

// ESLint's own types know only JavaScript, so what TypeScript adds to a node is looked up by name.
function isTypeOnly(declaration: object | null): boolean {
  if (declaration === null) return false;
  if (isMarkedType(declaration)) return true;
  const specifiers: unknown = Reflect.get(declaration, "specifiers");
  return Array.isArray(specifiers) && specifiers.length > 0 && specifiers.every(isMarkedType);
}

function isMarkedType(node: object): boolean {
  return Reflect.get(node, "importKind") === "type" || Reflect.get(node, "exportKind") === "type";
}

function covers(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => {
    if (pattern === "*") return true;
    return /[/:]$/.test(pattern)
      ? path.startsWith(pattern)
      : path === pattern || path.startsWith(`${pattern}/`);
  });
}
