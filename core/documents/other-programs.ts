/** Files of other programs, known by their name and first bytes: each is refused by what it is and what to do with it. */
import { extname } from 'node:path';
import type { Said } from '../../channels/channel.js';

const byEnding: Readonly<Record<string, Said>> = {
  '.doc': { zh: '旧版 Word 文档', en: 'a document of old Word' },
  '.dot': { zh: '旧版 Word 模板', en: 'a template of old Word' },
  '.docm': { zh: '带宏的 Word 文档', en: 'a Word document with macros' },
  '.dotx': { zh: 'Word 模板', en: 'a Word template' },
  '.dotm': { zh: '带宏的 Word 模板', en: 'a Word template with macros' },
  '.wps': { zh: 'WPS 文字文档', en: 'a document of WPS Writer' },
  '.wpt': { zh: 'WPS 文字模板', en: 'a template of WPS Writer' },
  '.et': { zh: 'WPS 表格', en: 'a spreadsheet of WPS' },
  '.dps': { zh: 'WPS 演示', en: 'a presentation of WPS' },
  '.ofd': { zh: 'OFD 版式文件', en: 'a page-layout file (OFD)' },
  '.pdf': { zh: 'PDF 版式文件', en: 'a page-layout file (PDF)' },
  '.rtf': { zh: 'RTF 文档', en: 'an RTF document' },
  '.odt': { zh: 'OpenDocument 文档', en: 'an OpenDocument text' },
  '.xls': { zh: 'Excel 表格', en: 'an Excel sheet' },
  '.xlsx': { zh: 'Excel 表格', en: 'an Excel sheet' },
};

/** An OLE container: an old document, or a new one under a password. */
const container = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
const encrypted = Buffer.from('EncryptedPackage', 'utf16le');

/** What the file is, where it is none that is read here. */
export function otherProgram(name: string, bytes: Buffer): Said | undefined {
  const ending = extname(name).toLowerCase();
  if (bytes.subarray(0, 8).equals(container)) {
    if (bytes.includes(encrypted)) return { zh: '加了密码的文档', en: 'a document under a password' };
    return byEnding[ending] ?? { zh: '旧版 Word 或 WPS 文档', en: 'a document of old Word or WPS' };
  }
  if (ending === '.docx' && bytes.subarray(0, 5).toString('latin1') === '{\\rtf') return byEnding['.rtf'];
  return byEnding[ending];
}
