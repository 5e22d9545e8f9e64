/** A release as somebody is to copy it, piece by piece in the order in which it is put there. */
import { emergencyWords, endDrill, withDrill } from '../emergency.js';
import type { CopyPart, Picture, ReleaseContent, Rendition, Said, Warning } from '../channel.js';
import { beginningOf } from '../graphemes.js';
import { loadBody, runningLine } from '../reading.js';
import { usualMost, type RelayProfile, type Settings } from './settings.js';
import { piecesOf, squeeze } from './words.js';

export interface RelayPayload {
  parts: CopyPart[];
}

/** The one variant of a picture that is saved to a phone. */
export const variant = 'save';

const labels = {
  title: { zh: '标题', en: 'Title' },
  facts: { zh: '预警要点', en: 'What the warning states' },
  text: { zh: '正文', en: 'Text' },
  source: { zh: '来源', en: 'Source' },
  short: { zh: '文字', en: 'Words' },
  spoken: { zh: '播报稿', en: 'To be read aloud' },
} as const satisfies Record<string, Said>;

export function render(release: ReleaseContent, { settings }: RelayProfile): Rendition<RelayPayload> {
  const { parts, warnings } = settings.form === 'article' ? article(release, settings) : brief(release, settings);
  const words = parts.flatMap((part) => (part.is === 'text' && part.label !== labels.title ? [part.text] : []));
  const payload = { parts };
  return {
    payload,
    copy: parts,
    preview: preview(release, settings, parts),
    expected: {
      title: settings.form === 'article' ? squeeze(titleOf(release)) : '',
      text: squeeze(words.join('')),
      pictures: parts.filter(({ is }) => is === 'picture').length,
    },
    warnings: [byHand, ...warnings],
  };
}

/** Accounts that take the same form at the same length show the same. */
export function renditionKey({ settings: { form, most, platform } }: RelayProfile): string {
  return JSON.stringify([form, most ?? usualMost[form], platform]);
}

const titleOf = ({ title }: ReleaseContent): string => title.replace(/\s+/g, ' ').trim();

function article(release: ReleaseContent, settings: Settings): { parts: CopyPart[]; warnings: Warning[] } {
  const { pieces, dropped } = piecesOf(release.body, release.pictures);
  const placed = new Set(pieces.flatMap((piece) => (piece.is === 'picture' ? [piece.picture.hash] : [])));
  const cover = release.pictures.find(({ hash }) => hash === release.cover && !placed.has(hash));
  const rest = release.pictures.filter((picture) => !placed.has(picture.hash) && picture !== cover);
  const parts: CopyPart[] = [{ is: 'text', label: labels.title, text: titleOf(release) }];
  if (cover) parts.push(pictureOf(cover));
  const head = headOf(release);
  if (head) parts.push({ is: 'text', label: labels.facts, text: head });
  for (const piece of pieces)
    parts.push(piece.is === 'text' ? { ...piece, label: labels.text } : pictureOf(piece.picture));
  parts.push(...rest.map(pictureOf));
  const isEmpty = !parts.some((part) => part.is === 'text' && part.label === labels.text);
  if (isEmpty) parts.push({ is: 'text', label: labels.text, text: release.summary || titleOf(release) });
  const tail = tailOf(release, parts);
  if (tail) parts.push({ is: 'text', label: labels.source, text: tail });
  const warnings: Warning[] = [];
  if (dropped > 0)
    warnings.push(
      left(
        'media-left',
        'body',
        `正文中有 ${dropped} 处媒体不在本发布件内，已略去。`,
        `${dropped} media of the body do not belong to the release and were left out.`,
      ),
    );
  if (release.attachments.length > 0)
    warnings.push(
      left(
        'attachments-left',
        'attachments',
        '附件不随人工转发，需要的请在正文中写明下载地址。',
        'Attachments do not go along by hand; say in the text where they are.',
      ),
    );
  const whole = parts
    .flatMap((part) => (part.is === 'text' && part.label !== labels.title ? [part.text] : []))
    .join('\n');
  if (settings.most !== undefined && count(whole) > settings.most)
    return {
      parts: numbered(shortened(parts, settings.most, tail)),
      warnings: [...warnings, cutWarning(settings.most)],
    };
  return { parts: numbered(parts), warnings };
}

/** Where pictures part the text, its pieces are told apart: nobody puts one of them there twice. */
function numbered(parts: readonly CopyPart[]): CopyPart[] {
  const isPiece = (part: CopyPart): boolean => part.is === 'text' && part.label === labels.text;
  const total = parts.filter(isPiece).length;
  let place = 0;
  return parts.map((part) => {
    if (total < 2 || !isPiece(part)) return part;
    place += 1;
    const of = `${place}/${total}`;
    return { ...part, label: { zh: `${labels.text.zh} ${of}`, en: `${labels.text.en} ${of}` } } as CopyPart;
  });
}

/** What a warning states stands before its text, in words. */
function headOf(release: ReleaseContent): string {
  const words = emergencyWords(release);
  if (!words) return '';
  const facts = words.facts.map(({ name, value }) => `${name}：${value}`);
  return [`${words.headlineName}：${words.headline}`, ...facts].join('\n');
}

/** Who says it, where the text does not. */
function tailOf({ source }: ReleaseContent, parts: readonly CopyPart[]): string {
  const name = source.trim();
  const isSaid = parts.some((part) => part.is === 'text' && part.text.includes(name));
  return name === '' || isSaid ? '' : `来源：${name}`;
}

function shortened(parts: readonly CopyPart[], most: number, tail: string): CopyPart[] {
  let room = most - count(tail) - 1;
  return parts.flatMap((part): CopyPart[] => {
    if (part.is === 'picture' || part.label === labels.title || (tail !== '' && part.text === tail)) return [part];
    if (room <= 1) return [];
    const text = cut(part.text, room);
    room -= count(text) + 1;
    return [{ ...part, text }];
  });
}

/**
 * What the author of a warning wrote to be read aloud, word by word, of a drill marked as one. Where it is too long it
 * gives way to what the channel puts together, which is never cut in its facts.
 */
function script({ emergency, language }: ReleaseContent, { most }: Settings): string | undefined {
  if (emergency?.spoken === undefined) return undefined;
  const text = endDrill(withDrill(emergency.spoken, emergency, language), emergency, language);
  return most !== undefined && count(text) > most ? undefined : text;
}

/** One text: what it is, who says it, and of a drill the word that it is one, first and last; the middle gives way. */
function brief(release: ReleaseContent, settings: Settings): { parts: CopyPart[]; warnings: Warning[] } {
  const words = emergencyWords(release);
  const title = titleOf(release);
  const isSpoken = settings.form === 'spoken';
  const read = isSpoken ? script(release, settings) : undefined;
  if (read !== undefined) return { parts: [{ is: 'text', label: labels.spoken, text: read }], warnings: [] };
  const running = release.summary.trim() || runningLine(loadBody(release.body));
  const facts = words
    ? [words.headline, words.place, words.time, words.action].filter(Boolean).join('，')
    : running === title
      ? ''
      : running;
  const name = release.source.trim();
  const mark = words?.drill ? `（${words.drillWord}）` : '';
  const by = name === '' || `${title}${facts}`.includes(name) ? '' : isSpoken ? `${name}发布。` : `（${name}）`;
  const most = settings.most ?? usualMost[settings.form] ?? Infinity;
  const head = isSpoken ? `${cut(title, Math.max(10, most - 40))}。` : `【${cut(title, Math.max(10, most - 40))}】`;
  const tail = `${by}${mark}`;
  const room = Math.max(0, most - count(head) - count(tail));
  // What the author wrote for a post like this stands word by word, or gives way as a whole.
  const short = isSpoken ? undefined : words?.short;
  const middle = short !== undefined && count(short) <= room ? short : facts;
  const said = cut(middle, room);
  const text = `${head}${isSpoken && said !== '' && !/[。！？…]$/u.test(said) ? `${said}。` : said}${tail}`;
  const parts: CopyPart[] = [{ is: 'text', label: isSpoken ? labels.spoken : labels.short, text }];
  if (!isSpoken) parts.push(...release.pictures.map(pictureOf));
  const isCut = said !== middle || !head.includes(title);
  const warnings = isCut ? [cutWarning(most)] : [];
  if (isSpoken && release.pictures.length > 0)
    warnings.push(left('pictures-left', 'pictures', '播报没有图片。', 'What is read aloud has no pictures.'));
  if (!words && release.summary.trim() === '')
    warnings.push(
      left(
        'summary-missing',
        'summary',
        '没有摘要，短文取自正文开头。',
        'There is no summary; the short text takes the beginning of the text.',
      ),
    );
  return { parts, warnings };
}

function pictureOf({ hash, alt }: Picture): CopyPart {
  return { is: 'picture', hash, variant, alt };
}

const count = (text: string): number => [...text].length;

function cut(text: string, most: number): string {
  if (count(text) <= most) return text;
  return most < 2 ? '' : `${beginningOf(text, most - 1)}…`;
}

function left(code: string, field: string, zh: string, en: string): Warning {
  return { code, field, said: { zh, en } };
}

const cutWarning = (most: number): Warning =>
  left(
    'text-cut',
    'body',
    `超过该账号的 ${most} 字，已截短；请核对截短后是否完整。`,
    `Longer than the ${most} characters of this account; it was cut. Check that what is left says enough.`,
  );

const byHand: Warning = {
  code: 'by-hand',
  said: {
    zh: '人工转发：签发后给值班员生成任务，由其复制发布并确认；在此之前公众看不到。',
    en: 'By hand: once signed it becomes a task for the duty officer, who puts it there and confirms; until then the public does not see it.',
  },
};

function preview({ language }: ReleaseContent, { platform }: Settings, parts: readonly CopyPart[]): string {
  const shown = parts
    .map((part) =>
      part.is === 'picture'
        ? `<p><img src="media:${part.hash}" alt="${escaped(part.alt)}"></p>`
        : `<h2>${escaped(part.label.zh)}</h2><p>${escaped(part.text).replace(/\n/g, '<br>')}</p>`,
    )
    .join('');
  return `<!doctype html><html lang="${escaped(language)}"><meta charset="utf-8"><title>${escaped(platform)}</title><style>body{font:16px/1.7 sans-serif;margin:1rem;color:#222}h2{font-size:.9rem;color:#555;margin:1rem 0 0}p{margin:.2rem 0;overflow-wrap:anywhere}img{max-width:100%}</style><body>${shown}</body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
