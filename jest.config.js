/** Jest runs the TypeScript as CommonJS through swc: no experimental flags, and `jest.mock` works. */
const esmOnly = [
  'feed',
  'xml-js',
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
  'linkify-it',
  'mdurl',
  'uc.micro',
  'punycode.js',
];

export default {
  roots: [
    '<rootDir>/core',
    '<rootDir>/server',
    '<rootDir>/channels',
    '<rootDir>/workers',
    '<rootDir>/cli',
    '<rootDir>/chaos',
    '<rootDir>/test',
  ],
  testMatch: ['**/*.test.ts'],
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
  globalSetup: '<rootDir>/test/support/start-redis.ts',
  globalTeardown: '<rootDir>/test/support/stop-redis.ts',
  testTimeout: 30_000,
  maxWorkers: 2,
};
