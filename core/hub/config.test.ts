import { tmpdir } from 'node:os';
import { readConfig } from './config.js';

const data = { LIANFA_DATA: tmpdir() };

it('asks for the public address where others than this machine may come in', () => {
  expect(() => readConfig({ ...data, LIANFA_HOST: '0.0.0.0' })).toThrow('LIANFA_URL');
  expect(readConfig({ ...data, LIANFA_HOST: '0.0.0.0', LIANFA_URL: 'https://a.gov.cn/' }).url).toBe('https://a.gov.cn');
  for (const LIANFA_HOST of ['127.0.0.1', '127.9.9.9', 'localhost', '::1'])
    expect(readConfig({ ...data, LIANFA_HOST }).host).toBe(LIANFA_HOST);
});

it('takes addresses and networks of proxies, and names what is neither', () => {
  expect(readConfig({ ...data, LIANFA_PROXIES: '10.0.0.7, fd00::/8' }).proxies).toEqual(['10.0.0.7', 'fd00::/8']);
  expect(() => readConfig({ ...data, LIANFA_PROXIES: 'uniquelocal' })).toThrow('LIANFA_PROXIES');
});
