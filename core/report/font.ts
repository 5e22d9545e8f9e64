/** A font that can write Chinese, of those that the set-up installs. A report without one would be a page of boxes. */
import { existsSync } from 'node:fs';
import { LianfaError } from '../errors.js';

export interface Font {
  file: string;
  /** Which of the fonts in the file. */
  name: string;
}

/** Where Debian, Fedora and macOS put it. */
const known: readonly Font[] = [
  { file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc', name: 'NotoSansCJKsc-Regular' },
  { file: '/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc', name: 'NotoSansCJKsc-Regular' },
  { file: '/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc', name: 'NotoSansCJKsc-Regular' },
  { file: '/System/Library/Fonts/PingFang.ttc', name: 'PingFangSC-Regular' },
];

/** @throws LianfaError font_missing */
export function chineseFont(fonts: readonly Font[] = known): Font {
  const found = fonts.find(({ file }) => existsSync(file));
  if (!found) throw new LianfaError('font_missing');
  return found;
}
