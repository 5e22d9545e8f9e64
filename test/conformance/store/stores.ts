/** The stores that the suite runs over: the embedded one always, MongoDB where MONGODB_URI names one. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose, { type Connection } from 'mongoose';
import { closedMongoDriver } from '../../../core/store/closed.js';
import { embeddedDriver } from '../../../core/store/embedded/driver.js';

export interface OpenedStore {
  connection: Connection;
  /** Address and folder; the folder only where the store is a file. */
  address: string;
  end(): Promise<void>;
}

export interface StoreUnderTest {
  name: string;
  embedded: boolean;
  open(): Promise<OpenedStore>;
}

const embedded: StoreUnderTest = {
  name: 'embedded',
  embedded: true,
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'lianfa-store-'));
    const address = `lianfa-embedded://${join(folder, 'lianfa.sqlite')}`;
    const connection = await connect(address);
    return {
      connection,
      address,
      end: async () => {
        await connection.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

/** A connection through the embedded driver, beside whatever else the process has open. */
export function connect(address: string): Promise<Connection> {
  const odm = new mongoose.Mongoose();
  odm.setDriver(embeddedDriver);
  return odm.createConnection(address, { autoIndex: false }).asPromise();
}

function mongodb(uri: string): StoreUnderTest {
  return {
    name: 'mongodb',
    embedded: false,
    async open() {
      const odm = new mongoose.Mongoose();
      odm.setDriver(closedMongoDriver);
      const connection = await odm
        .createConnection(uri, {
          dbName: `lianfa_test_${randomBytes(6).toString('hex')}`,
          autoIndex: false,
          ignoreUndefined: true,
        })
        .asPromise();
      return {
        connection,
        address: uri,
        end: async () => {
          await connection.dropDatabase();
          await connection.close();
        },
      };
    },
  };
}

const uri = process.env['MONGODB_URI'];
export const stores: readonly StoreUnderTest[] = uri ? [embedded, mongodb(uri)] : [embedded];
