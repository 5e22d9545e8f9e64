/** What the driver and a transaction's time make of elections, seen from both ends of the wire. */
import { openMongoFace, type Answer, type Command, type MongoFace } from '../../../test/support/mongo-face.js';
import { act } from '../../audit/book.js';
import { LianfaError } from '../../errors.js';
import { openStoreAsFound, type Store } from '../store.js';
import { patience } from './decided.js';
import { outageOf } from './outage.js';

let face: MongoFace;
let store: Store;
let answer: (name: string) => Answer;
beforeAll(async () => {
  face = await openMongoFace({ answer: (name) => answer(name) });
  answer = () => undefined;
  store = await openStoreAsFound({ uri: `mongodb://127.0.0.1:${face.port}/lianfa?replicaSet=rs0`, dataFolder: '' });
});
afterEach(() => {
  answer = () => undefined;
  jest.restoreAllMocks();
});
afterAll(async () => {
  answer = () => undefined;
  await store.close();
  await face.close();
});

/** The commands of these names since `work` began, and what it came to. */
async function tried(work: () => Promise<unknown>, ...names: string[]): Promise<{ asked: Command[]; end: unknown }> {
  const before = face.asked.length;
  const end = await work().then(
    () => 'done',
    (error: unknown) => (error instanceof LianfaError ? error.code : error),
  );
  const asked = face.asked.slice(before).filter((command) => names.some((name) => name in command));
  return { asked, end };
}

/** Gives each of these answers once, then as a member that is well would. */
function first(name: string, ...answers: Answer[]): void {
  answer = (asked) => (asked === name ? answers.shift() : undefined);
}

let runs = 0;
const together = (): Promise<unknown> => {
  runs = 0;
  return store.connection.transaction(async (session) => {
    runs += 1;
    await store.orders.updateOne({ _id: 'x' }, { $set: { state: 'done' } }, { session });
  });
};

const steppedDown = { ok: 0, code: 189, errmsg: 'stepped down', errorLabels: ['RetryableWriteError'] };
const begins = { ok: 0, code: 112, errmsg: 'write conflict', errorLabels: ['TransientTransactionError'] };

it.each<[string, Answer]>([
  ['its answer is lost', 'cut'],
  ['its member has stepped down', steppedDown],
])('sends a write once more under the same number where %s', async (_, once) => {
  first('insert', once);
  const { asked, end } = await tried(() => store.records.create({ _id: 'a', value: 'b', at: new Date() }), 'insert');
  expect(end).toBe('done');
  expect(asked).toHaveLength(2);
  expect(asked[1]?.['txnNumber']).toEqual(asked[0]?.['txnNumber']);
  expect(asked[1]?.['lsid']).toEqual(asked[0]?.['lsid']);
});

it.each<[string, Answer]>([
  ['its answer is lost', 'cut'],
  ['its member has stepped down', steppedDown],
])('commits once more where %s, and does the work once', async (_, once) => {
  first('commitTransaction', once);
  const { asked, end } = await tried(together, 'commitTransaction');
  expect([end, runs, asked.length]).toEqual(['done', 1, 2]);
  expect(asked[1]?.['txnNumber']).toEqual(asked[0]?.['txnNumber']);
});

it('does the work of a transaction again where the member asks for it', async () => {
  first('update', begins, begins);
  const { asked, end } = await tried(together, 'commitTransaction');
  expect([end, runs, asked.length]).toEqual(['done', 3, 1]);
});

it('gives up a transaction that comes to nothing, and then commits nothing', async () => {
  jest.replaceProperty(patience, 'transaction', 300);
  answer = (name) => (name === 'update' ? begins : undefined);
  const { asked, end } = await tried(together, 'commitTransaction');
  expect([end, asked]).toEqual(['store_unavailable', []]);
  answer = () => undefined;
  const before = face.asked.length;
  await new Promise((wait) => setTimeout(wait, 600));
  expect(face.asked.slice(before).filter((command) => 'commitTransaction' in command)).toEqual([]);
});

it('says that nobody knows where a commit has no answer for so long', async () => {
  jest.replaceProperty(patience, 'transaction', 1_200);
  answer = (name) => (name === 'commitTransaction' ? 'cut' : undefined);
  const { end } = await tried(together);
  expect([end, runs]).toEqual(['outcome_unknown', 1]);
});

describe('where nobody takes writes for longer than anybody waits', () => {
  let impatient: Store;
  beforeEach(async () => {
    jest.replaceProperty(patience, 'selection', 600);
    const uri = `mongodb://127.0.0.1:${face.port}/lianfa?replicaSet=rs0`;
    impatient = await openStoreAsFound({ uri, dataFolder: '' });
    const { connection } = impatient;
    await Promise.all(connection.modelNames().map((name) => connection.model(name).init()));
  });
  afterEach(() => impatient.close());

  const work = (): Promise<unknown> =>
    impatient.connection.transaction(async (session) => {
      await impatient.orders.updateOne({ _id: 'x' }, { $set: { state: 'done' } }, { session });
    });

  it('says that nobody knows what became of a commit that was asked before', async () => {
    let gone = false;
    answer = (name) => {
      gone ||= name === 'commitTransaction';
      return gone ? 'cut' : undefined;
    };
    const { asked, end } = await tried(work, 'commitTransaction');
    expect([end, asked.length]).toEqual(['outcome_unknown', 1]);
  });

  it('says that nothing was done of what began when nobody was there any more', async () => {
    const missed = new Promise((done) => impatient.connection.once('disconnected', done));
    answer = () => 'cut';
    await missed;
    const { asked, end } = await tried(work, 'update', 'commitTransaction');
    expect([outageOf(end), asked]).toEqual(['away', []]);
  });
});

it('keeps nobody in line behind an act that comes to nothing', async () => {
  jest.replaceProperty(patience, 'transaction', 300);
  answer = (name) => (name === 'update' ? begins : undefined);
  const before = face.asked.length;
  const one = () => act(store, { act: 'x', outcome: 'done', on: {} }, () => Promise.resolve());
  const ends = await Promise.allSettled(Array.from({ length: 8 }, one));
  expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
  const asked = face.asked.slice(before).filter((command) => 'update' in command);
  expect(new Set(asked.map(({ lsid }) => JSON.stringify(lsid))).size).toBeLessThan(4);
});
