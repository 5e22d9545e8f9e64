/** Threads that a test starts read TypeScript, too. */
const { join } = require('node:path');

process.env.NODE_OPTIONS = `--require ${JSON.stringify(join(__dirname, 'typescript.cjs'))}`;
