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
  testEnvironment: 'node',
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
  setupFiles: ['<rootDir>/test/support/threads.cjs'],
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
  globalSetup: '<rootDir>/test/support/start-redis.ts',
  globalTeardown: '<rootDir>/test/support/stop-redis.ts',
  testTimeout: 30_000,
  maxWorkers: 2,
};
