/**
 * Ed25519 (RFC 8032) by Node's own crypto, held to one spelling of everything: other programs take a signature with the
 * group order added, or a public key under which any signature fits, and then disagree about what was signed.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';

/** DER in front of the 32 bytes of a key (RFC 8410). */
const publicHead = Buffer.from('302a300506032b6570032100', 'hex');
const privateHead = Buffer.from('302e020100300506032b657004220420', 'hex');

const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const prime = 2n ** 255n - 19n;

/** The y of all points whose order divides 8: under such a key one signature fits every message. */
export const smallOrder: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  prime - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);

export interface KeyPair {
  /** 32 bytes in base64. */
  publicKey: string;
  privateKey: string;
}

export function newKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(publicHead.length).toString('base64'),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(privateHead.length).toString('base64'),
  };
}

/** Whether it may stand for somebody: 32 bytes in the one spelling, a point in the one encoding, not of small order. */
export function isPublicKey(text: string): boolean {
  const bytes = bytesOf(text, 32);
  if (!bytes) return false;
  const y = littleEndian(bytes) % 2n ** 255n;
  return y < prime && !smallOrder.has(y);
}

/** The signature in base64. `privateKey`: 32 bytes in base64. */
export function signText(text: string, privateKey: string): string {
  const der = Buffer.concat([privateHead, Buffer.from(privateKey, 'base64')]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return sign(null, Buffer.from(text), key).toString('base64');
}

/** Whether this is the signature of exactly this message, in the one spelling that there is of it. Never throws. */
export function isSignature(message: string | Buffer, signature: string, publicKey: string): boolean {
  const bytes = bytesOf(signature, 64);
  if (!bytes || !isPublicKey(publicKey) || littleEndian(bytes.subarray(32)) >= order) return false;
  return verify(null, Buffer.from(message), publicKeyOf(publicKey), bytes);
}

function publicKeyOf(text: string): KeyObject {
  return createPublicKey({
    key: Buffer.concat([publicHead, Buffer.from(text, 'base64')]),
    format: 'der',
    type: 'spki',
  });
}

/** Undefined where it is of another length, or spelled otherwise than base64 is. */
function bytesOf(text: string, length: number): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === length && bytes.toString('base64') === text ? bytes : undefined;
}

function littleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
