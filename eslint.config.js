import jest from "eslint-plugin-jest";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { importBoundaries } from "./scripts/import-boundaries.ts";

const pure = "Pure code takes the clock, randomness and the outside world as arguments.";

const impureGlobals = [
  "AbortSignal",
  "MessageChannel",
  "Temporal",
  "WebSocket",
  "XMLHttpRequest",
  "clearImmediate",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "eval",
  "fetch",
  "global",
  "globalThis",
  "performance",
  "process",
  "queueMicrotask",
  "require",
  "setImmediate",
  "setInterval",
  "setTimeout",
].map((name) => ({ name, message: pure }));

const noImpureSyntax = [
  { selector: ":function[async=true]", message: `${pure} What awaits belongs elsewhere.` },
  {
    selector: "AwaitExpression, ForOfStatement[await=true]",
    message: `${pure} What awaits belongs elsewhere.`,
  },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: pure },
  { selector: "CallExpression[callee.name='Date']", message: pure },
  { selector: "ImportExpression, MetaProperty[meta.name='import']", message: pure },
];

export default defineConfig(
  globalIgnores(["dist/", "coverage/", ".local/", ".turbo/", "test/runtimes/"]),
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { own: { rules: { "import-boundaries": importBoundaries } } },
    rules: {
      "own/import-boundaries": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "off",
      "object-shorthand": "error",
    },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
      // Aliases keep object shapes and unions alike, and are what zod infers.
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "no-restricted-exports": [
        "error",
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
    },
  },
  {
    files: ["core/**/*.ts", "functions/orchestrators/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", ...impureGlobals],
      "no-restricted-syntax": ["error", ...noImpureSyntax],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: pure },
        { object: "Math", property: "random", message: pure },
      ],
      "no-restricted-imports": [
        "error",
        {
          paths: [
            {
              name: "node:crypto",
              allowImportNames: ["createHash", "hash"],
              message: `${pure} Hashes are pure, keys and random bytes are not.`,
            },
          ],
        },
      ],
    },
  },
  {
    // A replayed orchestrator sees another clock each time, even to compute with: times come from activities.
    files: ["functions/orchestrators/**/*.ts"],
    rules: { "no-restricted-globals": ["error", ...impureGlobals, { name: "Date", message: pure }] },
  },
  {
    // The one adapter between typed commands and an untyped library.
    files: ["functions/durable.ts"],
    rules: {
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "as" }],
    },
  },
  {
    files: ["test/**/*.ts"],
    extends: [jest.configs["flat/recommended"], jest.configs["flat/style"]],
    rules: {
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "as" }],
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/require-await": "off",
      "jest/consistent-test-it": ["error", { fn: "it" }],
      "jest/expect-expect": ["error", { assertFunctionNames: ["expect*", "fc.assert"] }],
      "jest/no-restricted-jest-methods": [
        "error",
        Object.fromEntries(
          ["doMock", "fn", "mock", "replaceProperty", "spyOn", "unstable_mockModule", "useFakeTimers"].map(
            (method) => [method, "Tests use fakes that run; time is passed in."],
          ),
        ),
      ],
      // Contract suites are functions that a test file calls, so their tests stand in other files.
      "jest/require-top-level-describe": "off",
    },
  },
);
