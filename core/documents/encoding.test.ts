import iconv from 'iconv-lite';
import { textOfBytes } from './encoding.js';

const words = '关于做好2026年冬季供水保障工作的通知：各单位要高度重视，①落实责任；②“值班”到位。3×10℃';

it.each(['utf-8', 'gbk', 'gb18030', 'utf-16le', 'utf-16be'])('reads %s', (encoding) => {
  const bytes = iconv.encode(words, encoding, { addBOM: encoding.startsWith('utf-16') });
  expect(textOfBytes({ bytes, name: 'a.txt', type: '' }).text.replace('\ufeff', '')).toBe(words);
});

it('reads a page that says it is GBK', () => {
  const bytes = iconv.encode(`<meta charset="gbk"><p>${words}</p>`, 'gbk');
  expect(textOfBytes({ bytes, name: 'a.html', type: 'text/html' }).text).toContain(words);
});

it.each([
  [
    'UTF-8 that was cut',
    Buffer.concat([Buffer.from(words).subarray(0, 40), Buffer.from([0xe5, 0x20]), Buffer.from(words)]),
  ],
  ['what is said to be another encoding', Buffer.from('<meta charset="big5"><p>\xa4\xa4\xa4\xe5', 'latin1')],
  ['bytes of a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xd8, 0xff, 0xe0])],
])('refuses %s by name', (_, bytes) => {
  expect(() => textOfBytes({ bytes, name: 'a.txt', type: '' })).toThrow(
    expect.objectContaining({ code: 'document_not_utf8' }) as Error,
  );
});
