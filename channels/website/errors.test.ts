import { TransportError } from '../outbound.js';
import {
  HalfWritten,
  MicropubSilence,
  NoMediaEndpoint,
  NoToken,
  PageUnreadable,
  StrangeAnswer,
  classify,
  table,
} from './errors.js';

const now = new Date('2026-11-24T02:00:00Z');
const silent = (call: 'create' | 'update' | 'media' | 'page', mayHaveLanded: boolean) =>
  new MicropubSilence(call, new TransportError(mayHaveLanded ? 'timeout' : 'no-connection', mayHaveLanded, 'x'));

describe('the classes of errors', () => {
  it.each([
    ['a create without an answer', silent('create', true), 'unknown'],
    ['a create that never left', silent('create', false), 'retry'],
    ['an update without an answer', silent('update', true), 'unknown'],
    ['an upload without an answer', silent('media', true), 'retry'],
    ['a page that cannot be read', new PageUnreadable({ code: '500', words: '' }), 'retry'],
    ['a page without an answer', new TransportError('timeout', true, ''), 'retry'],
    ['no token', new NoToken(), 'action'],
    ['no media endpoint', new NoMediaEndpoint(), 'permanent'],
    ['a success that makes no sense', new StrangeAnswer('create', { code: '200', words: '' }), 'unknown'],
    ['a query answered strangely', new StrangeAnswer('config', { code: '200', words: '' }), 'action'],
    ['a full disk', Object.assign(new Error('no space left'), { code: 'ENOSPC' }), 'action'],
    ['a folder of somebody else', Object.assign(new Error('denied'), { code: 'EACCES' }), 'action'],
    ['a busy site', new Error('lock "site:x" was not free within 60 s'), 'retry'],
    ['a disk that fails halfway', new HalfWritten(Object.assign(new Error('no space'), { code: 'ENOSPC' })), 'unknown'],
    ['a fault of ours', new TypeError('x is undefined'), 'unknown'],
    ['something that is no error', 'x', 'unknown'],
  ])('of %s', (_, error, expected) => {
    const disposition = classify(error, now);
    expect(disposition.class).toBe(expected);
    expect(disposition.cause.zh).toMatch(/。$/);
    expect(disposition.cause.en).toMatch(/\.$/);
  });

  it('put no words of ours into the mouth of a platform', () => {
    expect(classify(new TypeError('x is undefined'), now)).not.toHaveProperty('platform');
  });

  it('always tell a person what to do', () => {
    for (const row of Object.values(table)) {
      expect(row.cause.zh).toMatch(/。$/);
      if ('todo' in row)
        expect([row.todo.zh, row.todo.en]).toEqual([expect.stringMatching(/[。）]$/), expect.stringMatching(/\.$/)]);
    }
  });
});
