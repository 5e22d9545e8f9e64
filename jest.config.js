import { statfsSync } from 'node:fs';

/**
 * Hubs of tests live for seconds: in memory, where there is room, their commits need not wait for a disk. What the store
 * promises of the disk, test/conformance/store proves by kills, which memory survives as well.
 */
const memory = '/dev/shm';
const roomy = 4 * 2 ** 30;
if (process.env.TMPDIR === undefined && free(memory) >= roomy) process.env.TMPDIR = memory;

/** Bytes; 0 where there is no such folder. */
function free(folder) {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/** Jest runs the TypeScript as CommonJS through swc: no experimental flags, and `jest.mock` works. */
const esmOnly = [
  'cheerio',
  'htmlparser2',
  'domhandler',
  'domutils',
  'dom-serializer',
  'entities',
  'parse5',
  'parse5-htmlparser2-tree-adapter',
  'parse5-parser-stream',
  'undici-cheerio',
  'better-sse',
  'markdown-it',
  'markdown-it-cjk-friendly',
  'get-east-asian-width',
  'linkify-it',
  'mdurl',
  'uc.micro',
  'punycode.js',
  'openid-client',
  'oauth4webapi',
  'jose',
];

const everywhere = {
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  transform: {
    '^.+\\.(ts|m?js)$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['**/*.test.ts'],
  setupFiles: ['<rootDir>/test/support/threads.cjs', '<rootDir>/test/support/passwords.ts'],
};

export default {
  projects: [
    {
      ...everywhere,
      displayName: 'hub',
      roots: [
        '<rootDir>/core',
        '<rootDir>/server',
        '<rootDir>/channels',
        '<rootDir>/sms',
        '<rootDir>/workers',
        '<rootDir>/cli',
        '<rootDir>/chaos',
        '<rootDir>/test',
      ],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/browser/'],
    },
    {
      ...everywhere,
      displayName: 'browser',
      roots: ['<rootDir>/test/browser'],
      // Once, before the first of them: two files at a time must not build into the same folder.
      globalSetup: '<rootDir>/test/browser/built.ts',
    },
  ],
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  globalSetup: '<rootDir>/test/support/start-redis.ts',
  globalTeardown: '<rootDir>/test/support/stop-redis.ts',
  // For what hangs alone: how long a busy machine takes must not decide.
  testTimeout: 120_000,
  // Beside two cores: a third of the time of a test that runs a whole hub is waiting.
  maxWorkers: 3,
};
