import mongoose from 'mongoose';
import { outageOf, type Outage } from './outage.js';

const { MongoServerError, MongoNetworkError, MongoNetworkTimeoutError, MongoBulkWriteError, MongoWriteConcernError } =
  mongoose.mongo;
const { MongoServerSelectionError } = mongoose.mongo;

function server(code: number, errorLabels: string[] = []): Error {
  return new MongoServerError({ message: 'not now', code, errorLabels });
}
function labelled(error: InstanceType<typeof MongoNetworkError>, ...labels: string[]): Error {
  for (const label of labels) error.addErrorLabel(label);
  return error;
}
/** As the driver wraps whatever befalls a bulk write. */
function bulk(error: Error): Error {
  return new MongoBulkWriteError(error as never, {} as never);
}
const network = () => new MongoNetworkError('connection 3 to 10.0.0.7:27017 closed');
const named = (name: string): Error => Object.assign(new Error('not now'), { name });

const refused = [10_107, 13_435, 10_058, 13_436, 189, 91, 11_600, 11_602, 6, 7, 89, 9_001, 133, 134, 262];
const rows: [string, Error, Outage | undefined][] = [
  ...refused.map((code): [string, Error, Outage] => [`a member that refuses (${code})`, server(code), 'away']),
  ...refused.map((code): [string, Error, Outage] => [`the same in a bulk (${code})`, bulk(server(code)), 'unknown']),
  ['nobody to be asked', named('MongoServerSelectionError'), 'away'],
  [
    'nobody to be asked in a bulk',
    bulk(new MongoServerSelectionError('Server selection timed out', {} as never)),
    'unknown',
  ],
  ['connections cleared', named('MongoPoolClearedError'), 'away'],
  ['broken off because its member is silent', named('PoolClearedOnNetworkError'), 'unknown'],
  ['no answer', network(), 'unknown'],
  ['no answer in time', new MongoNetworkTimeoutError('timed out'), 'unknown'],
  ['no answer in a bulk', bulk(network()), 'unknown'],
  ['no answer at the handshake', labelled(network(), 'HandshakeError'), 'away'],
  ['no answer inside a transaction', labelled(network(), 'TransientTransactionError'), 'away'],
  ['the same of a bulk', bulk(labelled(network(), 'TransientTransactionError')), 'away'],
  ['no answer to a commit', labelled(network(), 'UnknownTransactionCommitResult'), 'unknown'],
  ['a commit met by an election', server(189, ['UnknownTransactionCommitResult']), 'unknown'],
  ['two transactions at one row', server(112, ['TransientTransactionError']), 'away'],
  [
    'not on most members in time',
    new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } }),
    'unknown',
  ],
  [
    'written, then the member stepped down',
    new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 189, errmsg: 'stepped down' } }),
    'unknown',
  ],
  [
    'broken off under a long command',
    Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' }),
    'unknown',
  ],
  ['the same, told otherwise', Object.assign(new Error('write'), { code: 'ECONNRESET', syscall: 'write' }), 'unknown'],
  ['inside another error', new Error('the draft was not kept', { cause: server(10_107) }), 'away'],
  ['a row that is there already', server(11_000), undefined],
  ['the same in a bulk', bulk(server(11_000)), undefined],
  ['a user who may not', server(13), undefined],
  ['a fault of our own', new TypeError('undefined is not a function'), undefined],
];

it.each(rows)('tells apart what was surely not done and what nobody knows: %s', (_, error, outage) => {
  expect(outageOf(error)).toBe(outage);
});
