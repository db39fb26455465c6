/**
 * Tests run as native ES modules (`npm test` starts Node with --experimental-vm-modules), so packages that exist
 * only as ES modules load as they are, and `import.meta` works in sources and tests. swc only strips the types.
 *
 * @type {import("jest").Config}
 */
export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: {
          target: "es2023",
          parser: { syntax: "typescript" },
          experimental: { keepImportAttributes: true },
        },
        swcrc: false,
      },
    ],
  },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/test/runtimes/", "<rootDir>/\\.local/"],
  globalSetup: "<rootDir>/test/build-bundles.js",
  reporters: ["default", "<rootDir>/test/reporter/closing-line-reporter.ts"],
  testTimeout: 180_000,
  maxWorkers: 2,
};
