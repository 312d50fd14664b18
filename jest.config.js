/**
 * Native ES modules, like the product itself: NestJS 12 has no CommonJS build, so there is no interop to hide behind.
 * `npm test` starts node with --experimental-vm-modules for it. jest.mock() does not reach ES modules: inject or spy.
 */
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  // What the build and a running database leave behind.
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        // Nothing but what stands here: the emitted code must mean what tsc's means (tsconfig.json).
        swcrc: false,
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          // Error and event classes are told apart by their names.
          keepClassNames: true,
          transform: {
            legacyDecorator: true,
            decoratorMetadata: true,
            useDefineForClassFields: true,
            verbatimModuleSyntax: true,
          },
        },
      },
    ],
  },
};

/** @type {import('jest').Config} */
export default {
  // Each worker of the stories holds an application and its connections.
  maxWorkers: 2,
  // Modules of a file are never given back, and a worker runs many files.
  workerIdleMemoryLimit: '1200MB',
  // Not a promise about speed: a story may wait for a job or for the schema it starts from. Jest reads it here only.
  testTimeout: 60_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'stories',
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    },
  ],
};
