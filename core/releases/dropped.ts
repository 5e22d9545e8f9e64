/** What cleaning left out, told to the author: never silently. */
import type { Said } from '../../channels/channel.js';

export interface Dropped {
  what: string;
  count: number;
  said: Said;
}

const sentences: Record<string, (count: number) => Said> = {
  script: (n) => ({ zh: `已去掉 ${n} 处脚本或样式代码。`, en: `${n} pieces of script or style code were taken out.` }),
  handler: (n) => ({ zh: `已去掉 ${n} 个脚本事件属性。`, en: `${n} script event attributes were taken out.` }),
  embed: (n) => ({
    zh: `已去掉 ${n} 处嵌入内容（网页框架、插件、表单等），各渠道都不能显示。`,
    en: `${n} embedded frames, plug-ins or forms were taken out; no channel can show them.`,
  }),
  link: (n) => ({
    zh: `已去掉 ${n} 个链接地址（只保留 http、https、mailto、tel 的完整网址），文字保留。`,
    en: `${n} link addresses were taken out (only whole http, https, mailto and tel addresses stay); their text is kept.`,
  }),
  picture: (n) => ({
    zh: `已去掉 ${n} 张图片：外部地址的图片不会被抓取，请先上传到素材库再插入。`,
    en: `${n} pictures were taken out: pictures at outside addresses are never fetched. Upload them and insert them again.`,
  }),
  media: (n) => ({
    zh: `已去掉 ${n} 个没有有效地址的视频或音频。`,
    en: `${n} video or audio elements without a usable address were taken out.`,
  }),
  style: (n) => ({
    zh: `已去掉 ${n} 处字体、颜色等样式，由各渠道统一排版。`,
    en: `${n} inline styles (fonts, colours) were taken out; each channel sets its own.`,
  }),
};

const notices: Record<string, (value: string) => Said> = {
  element: (name) => ({
    zh: `不支持的排版元素“${name}”已去掉，文字保留。`,
    en: `The element "${name}" is not supported and was taken out; its text is kept.`,
  }),
  kind: (value) => ({
    zh: `不认识体裁“${value}”，已按“新闻”处理。`,
    en: `Kind "${value}" is not known; taken as news.`,
  }),
  field: (name) => ({ zh: `文件头中的“${name}”没有使用。`, en: `"${name}" in the front matter was not used.` }),
  attachment: (name) => ({
    zh: `附件“${name}”没有上传，未能附上。`,
    en: `Attachment "${name}" was not uploaded and is not attached.`,
  }),
  interprets: (name) => ({
    zh: `没有找到“${name}”这个发布件，未与政策文件关联。请先导入政策文件，再导入解读，或填写政策文件的编号。`,
    en: `No release "${name}" was found, so it is not linked to a policy. Import the policy before its interpretation, or name it by its id.`,
  }),
  interpretations: (name) => ({
    zh: `解读“${name}”尚未录入。导入解读时在文件头写明 interprets，两边会自动互相关联。`,
    en: `The interpretation "${name}" is not here yet. Say "interprets" in its front matter when you import it, and both will be linked.`,
  }),
  markup: (name) => ({
    zh: `“${name}”中的代码已去掉，只保留文字。`,
    en: `Markup in "${name}" was taken out; its text is kept.`,
  }),
  word: (message) => ({
    zh: `Word 文档中有内容无法读入：${message}`,
    en: `Something in the Word document could not be read: ${message}`,
  }),
};

/** Counts what is left out while a document is read. */
export class DroppedList {
  readonly #counts = new Map<string, number>();
  readonly #notices = new Map<string, Dropped>();

  /** One more of a kind that is only counted. */
  count(what: 'script' | 'handler' | 'embed' | 'link' | 'picture' | 'media' | 'style'): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** One more of a kind that is told by name. */
  tell(
    what: 'element' | 'kind' | 'field' | 'attachment' | 'interprets' | 'interpretations' | 'markup' | 'word',
    name: string,
  ): void {
    const key = `${what}:${name}`;
    const said = notices[what]?.(name) ?? { zh: name, en: name };
    this.#notices.set(key, { what: key, count: (this.#notices.get(key)?.count ?? 0) + 1, said });
  }

  list(): Dropped[] {
    const counted = [...this.#counts].map(([what, count]) => ({
      what,
      count,
      said: sentences[what]?.(count) ?? { zh: what, en: what },
    }));
    return [...counted, ...this.#notices.values()];
  }
}
