/** `lianfa store shard-commands`: what an operator of a sharded MongoDB gives to mongosh, from the one table in the store. */
import type { Command } from 'commander';
import mongoose from 'mongoose';
import { LianfaError } from '../core/errors.js';
import { shardCommands } from '../core/store/mongodb/shards.js';

export function register(program: Command): void {
  const store = program.command('store').description('数据库 The store');
  store
    .command('shard-commands')
    .description('打印分片集群要执行的 mongosh 命令 Print what to give to mongosh on a sharded cluster')
    .option('--database <name>', '库名，默认取自 MONGODB_URI database, that of MONGODB_URI unless told')
    .option('--json', '输出 JSON for machines')
    .action(({ database = databaseOf(process.env['MONGODB_URI']), json }: { database?: string; json?: boolean }) => {
      const lines = shardCommands(database);
      console.log(json ? JSON.stringify({ database, commands: lines }) : lines.join('\n'));
    });
}

function databaseOf(uri: string | undefined): string {
  if (uri === undefined) return 'lianfa';
  try {
    return new mongoose.mongo.MongoClient(uri).options.dbName;
  } catch {
    // What the driver says of an address that it cannot read may hold a part of the password.
    throw new LianfaError('field_invalid', { field: 'MONGODB_URI', reason: '地址无法识别 it cannot be read' });
  }
}
