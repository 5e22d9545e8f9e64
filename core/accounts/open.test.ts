import { boardChannel } from '../../test/support/board-channel.js';
import type { AccountRow } from '../model/account.js';
import { profileOf } from './open.js';

const row: AccountRow = {
  _id: 'a1',
  channel: 'board',
  name: '示例',
  organization: 'fz',
  path: 'fz/',
  region: '350100',
  tags: [],
  enabled: true,
  settings: { site: 'https://one.example' },
  sealed: '',
  credential: { state: 'unchecked' },
  createdAt: new Date(),
};

describe('the settings of an account', () => {
  it('are checked once as long as they stay the same, and anew when they change', () => {
    const parse = jest.spyOn(boardChannel.accountSchema.settings, 'parse');
    expect(profileOf(boardChannel, row, '福州').settings).toEqual({ site: 'https://one.example', columns: 1 });
    expect(profileOf(boardChannel, { ...row, name: '改名' }, '福州')).toMatchObject({
      name: '改名',
      settings: { columns: 1 },
    });
    expect(parse).toHaveBeenCalledTimes(1);
    const moved = { ...row, settings: { site: 'https://other.example', columns: 9 } };
    expect(profileOf(boardChannel, moved, '福州').settings).toEqual(moved.settings);
    expect(parse).toHaveBeenCalledTimes(2);
  });

  it('are never kept where they do not fit', () => {
    const broken = { ...row, settings: { site: 'nowhere' } };
    for (let n = 0; n < 2; n += 1) expect(() => profileOf(boardChannel, broken, '福州')).toThrow();
  });
});
