/** The product is TypeScript with `.js` in its imports; a process or thread of a test reads it as Jest reads it. */
const Module = require('node:module');
const { readFileSync, existsSync } = require('node:fs');
const path = require('node:path');
const { fileURLToPath } = require('node:url');

require.extensions['.ts'] = (module, file) => {
  // Only where something is to be read: every child of a test comes by here.
  const { transformSync } = require('@swc/core');
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    filename: file,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  module._compile(code, file);
};
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  if (request.startsWith('file:')) return resolve.call(this, fileURLToPath(request), parent, ...rest);
  const source =
    request.startsWith('.') && parent?.filename
      ? path.resolve(path.dirname(parent.filename), request.replace(/\.js$/, '.ts'))
      : '';
  return source.endsWith('.ts') && existsSync(source) ? source : resolve.call(this, request, parent, ...rest);
};
