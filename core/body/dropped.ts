/** The account of what a document held and its release does not: told to the author by name and place, never silently. */
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import type { Loss } from './loss.js';
import { wordLosses } from './word-losses.js';

export interface Dropped {
  /** The kind of loss, with the name where it has one: `style`, `element:marquee`. */
  what: string;
  count: number;
  said: Said;
  /** Words beside which it stood, for the first few. */
  places: string[];
  /** The text says something else without it: nothing goes on until a person has agreed. */
  stops: boolean;
}

/** What people call what is embedded in a page. */
const embeds: Readonly<Record<string, Said>> = {
  iframe: { zh: '网页框架', en: 'embedded page' },
  frame: { zh: '网页框架', en: 'embedded page' },
  frameset: { zh: '网页框架', en: 'embedded page' },
  object: { zh: '嵌入对象', en: 'embedded object' },
  embed: { zh: '插件', en: 'plug-in' },
  applet: { zh: '插件', en: 'plug-in' },
  canvas: { zh: '画布图形', en: 'canvas drawing' },
  svg: { zh: '矢量图形', en: 'vector drawing' },
  map: { zh: '图片热区', en: 'image map' },
  area: { zh: '图片热区', en: 'image map' },
};

/** Every kind of loss there is. A reader that meets a new one adds its sentence here. */
const losses = {
  script: {
    say: (_, n) => ({ zh: `已去掉 ${n} 处脚本代码。`, en: `${n} pieces of script code were taken out.` }),
  },
  handler: {
    say: (_, n) => ({ zh: `已去掉 ${n} 个脚本事件属性。`, en: `${n} script event attributes were taken out.` }),
  },
  embed: {
    say: (name, n) => ({
      zh: `已去掉 ${n} 处${embeds[name]?.zh ?? '嵌入内容'}（${name}），各渠道都不能显示。`,
      en: `${n} × ${embeds[name]?.en ?? 'embedded content'} (${name}) taken out; no channel can show it.`,
    }),
  },
  drawn_words: {
    stops: true,
    say: (_, n) => ({
      zh: `有 ${n} 处矢量图形（svg）里有文字，各渠道都不能显示。请另存为图片插入，或把文字写进正文。`,
      en: `${n} vector drawings (svg) hold words; no channel can show them. Insert them as pictures, or write the words into the text.`,
    }),
  },
  link: {
    say: (_, n) => ({
      zh: `已去掉 ${n} 个链接地址（只保留 http、https、mailto、tel 的完整网址），文字保留。`,
      en: `${n} link addresses were taken out (only whole http, https, mailto and tel addresses stay); their text is kept.`,
    }),
  },
  picture: {
    stops: true,
    say: (name) => ({
      zh: `图片“${name}”在外部网址上，不会被抓取，已去掉。请先上传到素材库再插入。`,
      en: `Picture "${name}" is at an outside address, which is never fetched, and was taken out. Upload it and insert it again.`,
    }),
  },
  picture_local: {
    stops: true,
    say: (name) => ({
      zh: `图片“${name}”只存在于原来的电脑或邮件中，没有随文字过来。请上传这张图片再插入。`,
      en: `Picture "${name}" lies only on the computer or in the mail that it comes from. Upload it and insert it again.`,
    }),
  },
  picture_missing: {
    stops: true,
    say: (name) => ({
      zh: `图片“${name}”不在素材库中或无法使用，已去掉。请上传后再插入。`,
      en: `Picture "${name}" is not in the media library or cannot be used, and was taken out. Upload it and insert it again.`,
    }),
  },
  media: {
    say: (_, n) => ({
      zh: `已去掉 ${n} 个没有有效地址的视频或音频。`,
      en: `${n} video or audio elements without a usable address were taken out.`,
    }),
  },
  colour: {
    say: (_, n) => ({
      zh: `有 ${n} 处用颜色标出的文字：颜色不能保留，文字保留；需要强调的请加粗。`,
      en: `${n} pieces of text were marked by colour, which is not kept; the words are. Make bold what must stand out.`,
    }),
  },
  hidden: {
    say: (_, n) => ({
      zh: `有 ${n} 处在原文中隐藏、读者看不到的内容，没有读入。`,
      en: `${n} parts that are hidden in the document, so that its readers do not see them, were left out.`,
    }),
  },
  comment: {
    say: (_, n) => ({ zh: `有 ${n} 条批注没有读入。`, en: `${n} comments were left out.` }),
  },
  page_title: {
    say: (name) => ({
      zh: `网页标题“${name}”不是正文，没有读入。`,
      en: `The page title "${name}" is not part of the text and was left out.`,
    }),
  },
  unclosed: {
    stops: true,
    say: (name) => ({
      zh: `“${name}”没有结束标记，它后面的内容都没有读入。`,
      en: `"${name}" is never closed, so nothing behind it was read.`,
    }),
  },
  details: {
    say: (_, n) => ({
      zh: `有 ${n} 处折叠内容已展开为正文。`,
      en: `${n} parts that fold away now stand open in the text.`,
    }),
  },
  control: {
    say: (name, n) => ({
      zh: `有 ${n} 个表单控件（${name}）不能填写，只保留了上面的文字。`,
      en: `${n} form controls (${name}) cannot be filled in; the words on them are kept.`,
    }),
  },
  formula: {
    say: (name, n) => ({
      zh: `有 ${n} 个公式已改写为文字（如“${name}”），请核对。`,
      en: `${n} formulas were written out as text (such as "${name}"); please check.`,
    }),
  },
  numbering: {
    stops: true,
    say: (name, n) => ({
      zh: `有 ${n} 个列表的编号样式（${name}）改成了 1、2、3，引用这些编号的地方会对不上。`,
      en: `${n} lists were numbered in another way (${name}) and now count 1, 2, 3; what refers to their numbers may not fit.`,
    }),
  },
  encoding: {
    say: (name) => ({
      zh: `文件不是 UTF-8，已按 ${name} 读取，请核对有无乱码。`,
      en: `The file is not UTF-8 and was read as ${name}; please check that no character is wrong.`,
    }),
  },
  element: {
    say: (name) => ({
      zh: `不支持的排版元素“${name}”已去掉，文字保留。`,
      en: `The element "${name}" is not supported and was taken out; its text is kept.`,
    }),
  },
  kind: {
    say: (value) => ({
      zh: `不认识体裁“${value}”，已按“新闻”处理。`,
      en: `Kind "${value}" is not known; taken as news.`,
    }),
  },
  field: {
    say: (name) => ({ zh: `文件头中的“${name}”没有使用。`, en: `"${name}" in the front matter was not used.` }),
  },
  attachment: {
    stops: true,
    say: (name) => ({
      zh: `附件“${name}”没有上传，未能附上。`,
      en: `Attachment "${name}" was not uploaded and is not attached.`,
    }),
  },
  interprets: {
    say: (name) => ({
      zh: `没有找到“${name}”这个发布件，未与政策文件关联。请先导入政策文件，再导入解读，或填写政策文件的编号。`,
      en: `No release "${name}" was found, so it is not linked to a policy. Import the policy before its interpretation, or name it by its id.`,
    }),
  },
  interpretations: {
    say: (name) => ({
      zh: `解读“${name}”尚未录入。导入解读时在文件头写明 interprets，两边会自动互相关联。`,
      en: `The interpretation "${name}" is not here yet. Say "interprets" in its front matter when you import it, and both will be linked.`,
    }),
  },
  markup: {
    say: (name) => ({
      zh: `“${name}”中的代码已去掉，只保留文字。`,
      en: `Markup in "${name}" was taken out; its text is kept.`,
    }),
  },
  header_comment: {
    say: (comment) => ({
      zh: `文件头“${comment}”中 # 后面的文字按注释处理，没有读入；如是内容，请给整个值加上双引号。`,
      en: `In the front matter, "${comment}": what follows # was taken for a comment. Put the value into double quotes if it is not.`,
    }),
  },
  second_document: {
    stops: true,
    say: (title) => ({
      zh: `文件里还有第二个文件头（“${title}”）：一个文件只能写一个发布件，它会被当作正文发布。`,
      en: `The file holds a second front matter ("${title}"). One file is one release; this one would be published as text.`,
    }),
  },
  replaced_title: {
    say: (title) => ({
      zh: `标题按指定的为准，文件头中的标题“${title}”没有使用。`,
      en: `The title given was used, not the one in the front matter ("${title}").`,
    }),
  },
  expired: {
    stops: true,
    say: (until) => ({
      zh: `预警的失效时间（${until}）已经过去，现在发布不会生效，只会误导公众。`,
      en: `The warning ended at ${until}: published now it is not in force and only misleads.`,
    }),
  },
  open_tag: {
    stops: true,
    say: (tag) => ({
      zh: `“${tag}”没有结束标记，已按文字保留；如果它不是正文，请删去。`,
      en: `"${tag}" is never closed and was kept as words; take it out if it is not part of the text.`,
    }),
  },
  cutFigure: {
    stops: true,
    say: (_, n) => ({
      zh: `有 ${n} 处数字被换行断开，读者会看成两个数。请在原文中把数字写在同一行。`,
      en: `${n} figures are cut in two by a line end and would read as two. Put each on one line.`,
    }),
  },
  code_language: {
    say: (name) => ({
      zh: `代码块的语言标记“${name}”没有保留，内容按原样显示。`,
      en: `The language mark "${name}" of a code block was left out; the code itself is shown as it is.`,
    }),
  },
  unused_reference: {
    say: (definition) => ({
      zh: `链接定义“${definition}”在文中没有用到，没有读入。`,
      en: `The link definition "${definition}" is used nowhere and was left out.`,
    }),
  },
  unused_footnote: {
    stops: true,
    say: (label) => ({
      zh: `脚注“${label}”在文中没有引用（或与别的脚注重名），没有读入。`,
      en: `Footnote "${label}" is referred to nowhere (or shares its name with another), and was left out.`,
    }),
  },
  contents: {
    say: (mark) => ({
      zh: `目录标记“${mark}”没有读入：各渠道按标题自行生成目录。`,
      en: `The contents mark "${mark}" was left out: each channel makes its own from the headings.`,
    }),
  },
  attributes: {
    say: (mark) => ({
      zh: `排版设置“${mark}”没有保留：图片大小和样式由各渠道统一处理。`,
      en: `The setting "${mark}" was left out: each channel sets sizes and styles itself.`,
    }),
  },
  tip: {
    say: (words) => ({
      zh: `图片或链接的提示文字“${words}”没有保留；读者要看到的，请写进正文。`,
      en: `The tip "${words}" of a picture or link was left out; put into the text what readers are to see.`,
    }),
  },
  table_cells: {
    stops: true,
    say: (words) => ({
      zh: `表格有一行的格数多于表头，多出的“${words}”没有读入。`,
      en: `A row of a table has more cells than its head; "${words}" was left out.`,
    }),
  },
  idle_mark: {
    say: (mark) => ({
      zh: `“${mark}”没有起作用，会按原样显示，请核对是不是笔误。`,
      en: `"${mark}" has no effect here and will show as it is typed; please check.`,
    }),
  },
  ...wordLosses,
} satisfies Record<string, Loss>;

export type LossKind = keyof typeof losses;

const mostPlaces = 5;

export interface Lost {
  kind: LossKind;
  name: string;
  count: number;
  places: string[];
}

/** Gathers what is left out while a document is read. */
export class DroppedList {
  readonly #kept = new Map<string, Lost>();

  /** One more of a kind; `name` says which, `at` the words beside it. */
  tell(kind: LossKind, name = '', at = ''): void {
    const what = name ? `${kind}:${name}` : kind;
    const entry: Lost = this.#kept.get(what) ?? { kind, name, count: 0, places: [] };
    entry.count += 1;
    if (at && entry.places.length < mostPlaces && !entry.places.includes(at)) entry.places.push(at);
    this.#kept.set(what, entry);
  }

  /** As it travels between threads. */
  entries(): Lost[] {
    return Array.from(this.#kept.values(), (entry) => ({ ...entry }));
  }

  /** Adds what another thread has found. */
  take(entries: readonly Lost[]): void {
    for (const { kind, name, count, places } of entries) {
      for (const place of places.length > 0 ? places : ['']) this.tell(kind, name, place);
      for (let n = Math.max(1, places.length); n < count; n += 1) this.tell(kind, name);
    }
  }

  list(): Dropped[] {
    return Array.from(this.#kept, ([what, { kind, name, count, places }]) => {
      const loss: Loss = losses[kind];
      return { what, count, said: placed(loss.say(name, count), places), places, stops: loss.stops === true };
    });
  }
}

/** @throws LianfaError document_incomplete where something is missing that changes what the text says */
export function requireWhole(file: string, dropped: readonly Dropped[]): void {
  const missing = dropped.filter(({ stops }) => stops).map(({ said }) => said);
  if (missing.length === 0) return;
  const losses = { zh: missing.map(({ zh }) => zh).join(''), en: missing.map(({ en }) => en).join(' ') };
  throw new LianfaError('document_incomplete', { file, losses });
}

function placed({ zh, en }: Said, places: readonly string[]): Said {
  if (places.length === 0) return { zh, en };
  return {
    zh: `${zh}（位置：${places.map((place) => `“${place}”`).join('、')}）`,
    en: `${en} (at: ${places.map((place) => `"${place}"`).join(', ')})`,
  };
}
