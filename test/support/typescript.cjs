/** The product is TypeScript with `.js` in its imports; a process or thread of a test reads it as Jest reads it. */
const Module = require('node:module');
const { createHash, randomUUID } = require('node:crypto');
const { readFileSync, existsSync, mkdirSync, renameSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { fileURLToPath } = require('node:url');

/** What was read once is kept under what it says: some hundred children of a test run read the same files. */
const kept = path.join(__dirname, '..', '..', '.setup', 'read');

require.extensions['.ts'] = (module, file) => {
  const source = readFileSync(file, 'utf8');
  const copy = path.join(kept, `${createHash('sha256').update(source).digest('hex')}.cjs`);
  module._compile(existsSync(copy) ? readFileSync(copy, 'utf8') : transformed(source, file, copy), file);
};

function transformed(source, file, copy) {
  // Only where something is to be read: every child of a test comes by here.
  const { transformSync } = require('@swc/core');
  const { code } = transformSync(source, {
    filename: file,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  mkdirSync(kept, { recursive: true });
  const unnamed = `${copy}.${randomUUID()}`;
  writeFileSync(unnamed, code);
  renameSync(unnamed, copy);
  return code;
}

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  if (request.startsWith('file:')) return resolve.call(this, fileURLToPath(request), parent, ...rest);
  const source =
    request.startsWith('.') && parent?.filename
      ? path.resolve(path.dirname(parent.filename), request.replace(/\.js$/, '.ts'))
      : '';
  return source.endsWith('.ts') && existsSync(source) ? source : resolve.call(this, request, parent, ...rest);
};
