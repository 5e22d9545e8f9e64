import { Schema } from 'mongoose';

export interface User {
  _id: string;
  /** Sign-in name, lower case, unique. */
  name: string;
  displayName: string;
  passwordHash: string;
  enabled: boolean;
  /** Disabled for cause, not because somebody left in the ordinary way: what they signed asks before it goes out. */
  removed?: true;
  createdAt: Date;
}

export const userSchema = new Schema<User>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    displayName: { type: String, required: true },
    passwordHash: { type: String, required: true },
    enabled: { type: Boolean, default: true },
    removed: Boolean,
    createdAt: { type: Date, required: true },
  },
  { versionKey: false, collection: 'users' },
);

userSchema.index({ name: 1 }, { unique: true });

/** A key for programs. Only its hash is kept; the key itself is shown once. */
export interface ApiKey {
  _id: string;
  name: string;
  secretHash: string;
  createdBy: string;
  createdAt: Date;
  revokedAt?: Date;
}

export const apiKeySchema = new Schema<ApiKey>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    secretHash: { type: String, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    revokedAt: Date,
  },
  { versionKey: false, collection: 'api_keys' },
);
