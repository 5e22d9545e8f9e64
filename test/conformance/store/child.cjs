/** A second process on the same file: `claim` takes tasks one by one, `write` inserts batches until it is killed. One JSON line for each step. */
const Module = require('node:module');
const { readFileSync, existsSync } = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');

// The product is TypeScript with `.js` in its imports; here it is read as Jest reads it.
require.extensions['.ts'] = (module, file) => {
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    filename: file,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  module._compile(code, file);
};
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const source =
    request.startsWith('.') && parent?.filename
      ? path.resolve(path.dirname(parent.filename), request.replace(/\.js$/, '.ts'))
      : '';
  return source.endsWith('.ts') && existsSync(source) ? source : resolve.call(this, request, parent, ...rest);
};

const { connect } = require('./stores.ts');
const [address, mode, name] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main() {
  const connection = await connect(address);
  const tasks = connection.collection('tasks');
  if (mode === 'claim') {
    say('ready');
    await new Promise((go) => process.stdin.once('data', go));
    for (;;) {
      const task = await tasks.findOne({ owner: null }, { sort: { _id: 1 } });
      if (!task) break;
      const mine = { $set: { owner: name } };
      const { matchedCount } = await tasks.updateOne({ _id: task._id, owner: null }, mine);
      if (matchedCount > 0) say(task._id);
    }
    await connection.close();
    process.exit(0);
  }
  for (let batch = 0; ; batch += 1) {
    await tasks.insertMany(Array.from({ length: 100 }, (_, index) => ({ _id: `${batch}-${index}`, batch })));
    say(batch);
  }
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
