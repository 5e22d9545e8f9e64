import { LianfaError } from '../errors.js';
import { plainRowsFromCsv, rowsFromCsv } from './rows.js';

it('reads settings and credentials by their columns; an empty cell is absent', () => {
  const csv =
    '\ufeffchannel,name,organization,tags,settings.appId,settings.mass.enabled,credentials.appSecret\nwechat,省政府,fj,省级；应急,wx001,=true,s3cret\nwebsite,门户,fj,,,,\n';
  expect(rowsFromCsv(csv)).toEqual([
    {
      channel: 'wechat',
      name: '省政府',
      organization: 'fj',
      tags: ['省级', '应急'],
      settings: { appId: 'wx001', mass: { enabled: true } },
      credentials: { appSecret: 's3cret' },
    },
    { channel: 'website', name: '门户', organization: 'fj', settings: {}, credentials: {} },
  ]);
});

it('keeps the zeros of an id of digits', () => {
  expect(rowsFromCsv('channel,settings.uid\nweibo,0012345678901234567\n')).toEqual([
    { channel: 'weibo', settings: { uid: '0012345678901234567' }, credentials: {} },
  ]);
});

it('does not let a column reach the prototype of anything', () => {
  rowsFromCsv('settings.__proto__.polluted,settings.constructor.prototype.polluted\n1,1\n');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

it('reads plain columns for units', () => {
  expect(plainRowsFromCsv('id,name,parent,region\nfj,福建省,,350000\nfz,福州市,fj,350100\n')).toEqual([
    { id: 'fj', name: '福建省', region: '350000' },
    { id: 'fz', name: '福州市', parent: 'fj', region: '350100' },
  ]);
});

it('says that a broken file is no CSV', () => {
  expect(() => rowsFromCsv('a,b\n"1,2')).toThrow(LianfaError);
});
