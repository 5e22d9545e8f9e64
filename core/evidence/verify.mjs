#!/usr/bin/env node
/**
 * Checks this folder of evidence, offline: `node verify.mjs [--heads FILE]`. It needs Node.js 18 or later and nothing else.
 * Ends with 0 where everything fits, 3 where something was changed (and says where), 4 where it cannot tell.
 * `--heads`: the heads of days as you yourself have kept them (the hub's /api/v1/audit/heads).
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const wrong = [];
const told = [];
const fault = (where, what) => wrong.push(`${where}: ${what}`);
const sha = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (...parts) => sha(...parts).toString('hex');
const read = (name) => readFileSync(join(folder, name));

/** RFC 8785. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${members
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
    .join(',')}}`;
}

/** A file that nothing else is a hash over must be spelled in the one way that it was written. */
function strictly(name) {
  const text = read(name).toString('utf8');
  const value = JSON.parse(text);
  if (`${JSON.stringify(value)}\n` !== text) fault(name, 'spelled otherwise than it was written');
  return value;
}

function linesOf(name) {
  return read(name).toString('utf8').split('\n').filter(Boolean);
}

function rowsOf(manifest, collection) {
  const name = `data/${collection}.jsonl`;
  return name in manifest.files ? linesOf(name).map((line) => JSON.parse(line)) : [];
}

function filesIn(at = folder) {
  return readdirSync(at, { withFileTypes: true }).flatMap((one) => {
    const path = join(at, one.name);
    if (one.isDirectory()) return filesIn(path);
    return one.name.startsWith('.') ? [] : [relative(folder, path).replaceAll('\\', '/')];
  });
}

/** Every file is as the manifest says, to the line; none is missing and none was added. */
function checkFiles(manifest) {
  const here = new Set(filesIn());
  for (const name of ['manifest.json', 'proof.json']) here.delete(name);
  for (const [name, { sha256, lines }] of Object.entries(manifest.files)) {
    if (!here.delete(name)) fault(name, 'is missing');
    else if (hex(read(name)) !== sha256) {
      const parts = read(name).toString('utf8').split('\n');
      const line = lines?.findIndex((known, place) => hex(parts[place] ?? '').slice(0, 16) !== known) ?? -1;
      fault(line < 0 ? name : `${name}, line ${line + 1}`, 'was changed');
    }
  }
  for (const name of here) fault(name, 'does not belong to the pack');
}

/** RFC 6962: the root of a tree of `size` leaves, from one leaf and the hashes beside its way up. */
function rootFrom(hash, place, size, path) {
  let up = sha(Uint8Array.of(0), hash);
  let at = 0;
  const next = () => Buffer.from(path[at++] ?? '', 'hex');
  for (let here = place, last = size - 1; last > 0; here = Math.floor(here / 2), last = Math.floor(last / 2)) {
    if (here % 2 === 1) up = sha(Uint8Array.of(1), next(), up);
    else if (here < last) up = sha(Uint8Array.of(1), up, next());
  }
  return at === path.length && /^([0-9a-f]{64},?)*$/.test(path.join()) ? up.toString('hex') : '';
}

/** Each entry of the audit lies in the line whose root is told. */
function checkEntries(manifest, proof, made) {
  const bodies = [...linesOf('data/audit.jsonl'), made];
  const seen = new Set();
  for (const body of bodies) {
    const { n, hub } = JSON.parse(body);
    const where = body === made ? 'proof.json, the entry of this pack' : `data/audit.jsonl, entry ${n}`;
    if (hub !== manifest.hub) fault(where, 'is of another hub');
    let shown = false;
    for (const { size, root, paths } of proof.trees) {
      const path = paths[n];
      seen.add(`${size} ${n}`);
      if (path === undefined) continue;
      shown = true;
      if (rootFrom(sha(body), n - 1, size, path) !== root)
        fault('proof.json', `${where} is not shown to be in the line of ${size} entries with the root ${root}`);
    }
    if (!shown) fault('proof.json', `nothing shows that ${where} is in the line`);
  }
  for (const { size, paths } of proof.trees)
    for (const n of Object.keys(paths))
      if (!seen.has(`${size} ${n}`)) fault('proof.json', `a way for entry ${n}, which is not here`);
}

/** Ed25519: 32 and 64 bytes in base64. */
function isSigned(text, signature, key) {
  const raw = Buffer.from(key, 'base64');
  const bytes = Buffer.from(signature, 'base64');
  if (raw.length !== 32 || bytes.length !== 64 || bytes.toString('base64') !== signature) return false;
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
  return verify(null, Buffer.from(text), createPublicKey({ key: der, format: 'der', type: 'spki' }), bytes);
}

/** What a person signed who passed a step before the last. */
function decisionText({ hub, release, revision, chain }, { step, person, key, at, note }) {
  return canonical({
    format: 'lianfa-decision-1',
    hub,
    release,
    revision: revision && { id: revision.id, hash: revision.hash },
    chain: { id: chain.id, version: chain.version },
    step,
    person,
    key,
    at,
    note,
    decision: 'pass',
  });
}

function checkOrders(manifest) {
  const keys = new Map(rowsOf(manifest, 'signing_keys').map((key) => [key._id, key]));
  const texts = new Map(rowsOf(manifest, 'revisions').map((row) => [row._id, row]));
  const lists = new Map(rowsOf(manifest, 'account_lists').map((row) => [row._id, row]));
  for (const order of rowsOf(manifest, 'orders')) {
    const where = `data/orders.jsonl, order ${order.seq}`;
    if (order.statement === undefined) {
      fault(where, 'bears no signature');
      continue;
    }
    const said = JSON.parse(order.statement);
    if (said.release !== manifest.release || said.order !== order._id) fault(where, 'was signed as another order');
    const signed = [
      ...said.decisions.map((one) => ({ ...one, text: decisionText(said, one) })),
      ...said.signers.map((one, place) => ({
        ...one,
        at: said.at,
        text: order.statement,
        signature: order.signatures[place] ?? '',
      })),
      // The second person of a broadcast signs the same text.
      ...(order.second
        ? [{ ...order.second, text: order.statement, signature: order.signatures[said.signers.length] ?? '' }]
        : []),
    ];
    if (said.broadcast && said.broadcast.glass === undefined && !order.second)
      fault(where, 'lacks the signature of a second person');
    for (const { person, key, text, signature, at } of signed) {
      const known = keys.get(key);
      if (known?.person !== person) fault(where, `the key ${key} of ${person} is not here`);
      else if (known.retiredAt && known.retiredAt < at) fault(where, `the key ${key} was retired before it signed`);
      else if (!isSigned(text, signature, known.publicKey)) fault(where, `the signature of ${person} does not fit`);
    }
    if (said.revision && texts.get(said.revision.id)?.hash !== said.revision.hash)
      fault(where, `the revision ${said.revision.id} is not the one that was signed`);
    if (said.accounts) {
      const list = lists.get(said.accounts.digest);
      if (!list || hex(list.accounts) !== said.accounts.digest)
        fault(where, 'the list of accounts is not the one that was signed');
    }
  }
}

function checkTexts(manifest) {
  for (const { _id, hash, hashed } of rowsOf(manifest, 'revisions'))
    if (hex(hashed) !== hash)
      fault(`data/revisions.jsonl, ${_id}`, 'the text does not have the hash that it is told by');
  for (const { channel, account, hash, payload } of rowsOf(manifest, 'renditions'))
    if (hex(canonical(payload)) !== hash)
      fault(`data/renditions.jsonl, ${channel} ${account}`, 'the rendition does not have its hash');
  for (const { url, file, sha256 } of rowsOf(manifest, 'copies'))
    if (file !== undefined && hex(read(file)) !== sha256) fault(file, `is not what was read at ${url}`);
}

/** What strangers hold. */
function checkHeads(proof, file) {
  const heads = JSON.parse(readFileSync(file, 'utf8')).heads;
  const known = proof.trees.filter(({ day }) => day !== undefined);
  let compared = 0;
  for (const { day, size, root } of known)
    for (const head of heads.filter((one) => one.n === size)) {
      compared += 1;
      if (head.root !== root) fault(`the day ${day}`, 'you hold another root: history was written anew');
    }
  if (compared === 0) throw new Error('none of the heads that you hold is one that this pack is shown under');
  told.push(`${compared} head(s) that you hold agree.`);
}

function check() {
  const proof = strictly('proof.json');
  const made = JSON.parse(proof.made);
  if (made.after?.manifest !== hex(read('manifest.json'))) fault('manifest.json', 'was changed');
  const manifest = strictly('manifest.json');
  checkFiles(manifest);
  if (wrong.length > 0) return;
  checkEntries(manifest, proof, proof.made);
  checkTexts(manifest);
  checkOrders(manifest);
  const heads = process.argv.indexOf('--heads');
  if (heads > 0) checkHeads(proof, process.argv[heads + 1]);
  for (const { day, size, root } of proof.trees)
    told.push(
      day === undefined
        ? `The line of ${size} entries at the making of this pack has the root ${root}.`
        : `The head published for ${day}: ${size} entries, root ${root}. Compare it with what others hold.`,
    );
}

try {
  check();
} catch (error) {
  if (wrong.length === 0) {
    // A file that cannot be read as what it is was changed, too; one that you gave is another matter.
    const yours = process.argv.includes('--heads') && !/SyntaxError|Cannot read/.test(String(error));
    if (yours) {
      console.log(`? Could not be checked 无法核验: ${error.message}`);
      process.exit(4);
    }
    fault('proof.json, manifest.json or a file they name', `cannot be read (${error.message})`);
  }
}
if (wrong.length > 0) {
  console.log(`✗ Changed 已被改动:\n${wrong.map((one) => `  ${one}`).join('\n')}`);
  process.exit(3);
}
console.log(`✓ Everything fits 全部相符.\n${told.map((one) => `  ${one}`).join('\n')}`);
