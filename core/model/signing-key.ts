/** What a person signs with: a pair of Ed25519 keys. Written by core/signatures/keys.ts alone, which seals each row. */
import { Schema } from 'mongoose';

export interface SigningKey {
  /** `<person>.<number>`: of two who make a person's next key at once, the second meets the first's. */
  _id: string;
  person: string;
  /** A person's keys count from 1; the newest signs, unless it is retired. */
  number: number;
  /** 32 bytes in base64. */
  publicKey: string;
  /** The private key, under the hub's secret. */
  sealed: string;
  createdAt: Date;
  /** What it signed until then stays valid. */
  retiredAt?: Date;
  /** Over all of it but the private key, by the hub's secret: a row written by hand counts for nothing. */
  seal: string;
}

export const signingKeySchema = new Schema<SigningKey>(
  {
    _id: { type: String, required: true },
    person: { type: String, required: true },
    number: { type: Number, required: true },
    publicKey: { type: String, required: true },
    sealed: { type: String, required: true },
    createdAt: { type: Date, required: true },
    retiredAt: Date,
    seal: { type: String, required: true },
  },
  { versionKey: false, collection: 'signing_keys' },
);

signingKeySchema.index({ person: 1, number: -1 }, { unique: true });
