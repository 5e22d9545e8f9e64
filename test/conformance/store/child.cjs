/** A second process on the same file: `claim` takes tasks one by one, `write` inserts batches until it is killed. One JSON line for each step. */
require('../../support/typescript.cjs');
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
