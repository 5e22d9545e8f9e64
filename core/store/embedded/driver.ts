/** A mongoose driver (`mongoose.setDriver`) over one SQLite file. Address: `lianfa-embedded:///absolute/path.sqlite`. */
import mongoose from 'mongoose';
import NativeCollection from 'mongoose/lib/drivers/node-mongodb-native/collection.js';
import NativeConnection from 'mongoose/lib/drivers/node-mongodb-native/connection.js';
import { EmbeddedCollection } from './collection.js';
import { Database } from './database.js';
import { refuse } from './errors.js';
import { EmbeddedSession } from './session.js';

const scheme = 'lianfa-embedded://';

class EmbeddedClient {
  readonly #database: Database;
  readonly #collections = new Map<string, EmbeddedCollection>();

  constructor(database: Database) {
    this.#database = database;
  }

  db(): {
    collection(name: string): EmbeddedCollection;
    createCollection(name: string): Promise<EmbeddedCollection>;
    admin(): never;
    listCollections(): never;
  } {
    return {
      collection: (name) => this.#collection(name),
      // A table is made by the first write; mongoose only wants to know that it may write.
      createCollection: async (name) => this.#collection(name),
      admin: () => refuse('admin commands'),
      listCollections: () => refuse('listCollections'),
    };
  }

  #collection(name: string): EmbeddedCollection {
    const known = this.#collections.get(name);
    if (known) return known;
    const made = new EmbeddedCollection(this.#database, name);
    this.#collections.set(name, made);
    return made;
  }

  startSession(): EmbeddedSession {
    return new EmbeddedSession(this.#database);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** Mongoose's own connection, with a client of ours under it: events and transactions come with it. */
class EmbeddedConnection extends NativeConnection {
  async createClient(address: string): Promise<this> {
    if (!address.startsWith(scheme)) throw new Error(`the embedded store is opened by ${scheme}PATH`);
    this.config['autoCreate'] = false;
    this.config['autoIndex'] = false;
    this.readyState = mongoose.STATES.connecting;
    this._connectionString = address;
    try {
      this.client = new EmbeddedClient(await Database.open(address.slice(scheme.length)));
    } catch (error) {
      this.readyState = mongoose.STATES.disconnected;
      throw error;
    }
    this.name = 'lianfa';
    this.host = 'embedded';
    this.db = (this.client as EmbeddedClient).db();
    this.onOpen();
    return this;
  }
}

export const embeddedDriver = { Collection: NativeCollection, Connection: EmbeddedConnection, plugins: [] };
