/** The parts of mongoose that its published types leave out. They are stable only because mongoose is pinned exactly. */
declare module 'mongoose/lib/drivers/node-mongodb-native/connection.js' {
  import type { Connection } from 'mongoose';

  interface NativeConnection extends Connection {
    name: string;
    host: string;
    client: unknown;
    db: unknown;
    readyState: number;
    config: Record<string, unknown>;
    _connectionString: string;
    onOpen(): void;
  }
  const NativeConnection: {
    new (...args: unknown[]): NativeConnection;
    (this: unknown, ...args: unknown[]): void;
    prototype: NativeConnection;
  };
  export default NativeConnection;
}

declare module 'mongoose/lib/drivers/node-mongodb-native/collection.js' {
  const NativeCollection: new (...args: unknown[]) => Record<string, unknown>;
  export default NativeCollection;
}

declare module 'mongoose/lib/drivers/node-mongodb-native/bulkWriteResult.js' {
  import type { mongo } from 'mongoose';

  interface RawBulkResult {
    ok: number;
    writeErrors: unknown[];
    writeConcernErrors: unknown[];
    insertedIds: { index: number; _id: unknown }[];
    upserted: { index: number; _id: unknown }[];
    nInserted: number;
    nUpserted: number;
    nMatched: number;
    nModified: number;
    nRemoved: number;
  }
  const BulkWriteResult: new (raw: RawBulkResult, ordered: boolean) => mongo.BulkWriteResult;
  export default BulkWriteResult;
}
