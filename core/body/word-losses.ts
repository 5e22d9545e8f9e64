/** What a Word document holds and a release does not, each with its sentence. Those that stop change what the text says. */
import type { Loss } from './loss.js';

export const wordLosses = {
  wordHidden: {
    say: (_, n) => ({
      zh: `${n} 处隐藏文字（隐藏格式、与底色相同的颜色或极小字号）没有带入。`,
      en: `${n} pieces of hidden text (hidden, in the colour of the page, or too small to be seen) were left out.`,
    }),
  },
  wordHiddenRow: {
    say: (_, n) => ({ zh: `表格中 ${n} 个隐藏的行没有带入。`, en: `${n} hidden table rows were left out.` }),
  },
  wordMergedCell: {
    say: (_, n) => ({
      zh: `${n} 个已合并单元格里看不见的文字没有带入。`,
      en: `The unseen words of ${n} merged cells were left out.`,
    }),
  },
  wordComment: {
    say: (_, n) => ({ zh: `${n} 条批注没有带入。`, en: `${n} comments were left out.` }),
  },
  wordMetadata: {
    say: (name) => ({ zh: `文档属性（${name}）没有带入。`, en: `Properties of the file (${name}) were left out.` }),
  },
  wordMacros: {
    say: () => ({
      zh: '文档中的宏没有带入，也从不运行。',
      en: 'The macros in the document were left out; they are never run.',
    }),
  },
  wordContents: {
    say: () => ({
      zh: '目录页没有带入（网页没有页码）。',
      en: 'The table of contents was left out (a web page has no page numbers).',
    }),
  },
  wordHeader: {
    say: (name) => ({ zh: `页眉或页脚“${name}”没有带入。`, en: `The page header or footer "${name}" was left out.` }),
  },
  wordWatermark: {
    say: (name) => ({ zh: `水印“${name}”没有带入。`, en: `The watermark "${name}" was left out.` }),
  },
  wordLetterhead: {
    say: (name) => ({
      zh: `版头“${name}”没有放进正文。`,
      en: `"${name}" of the letterhead is not part of the body.`,
    }),
  },
  wordSecret: {
    stops: true,
    say: (name) => ({
      zh: `文档标有密级“${name}”，请先确认可以公开。`,
      en: `The document is marked secret ("${name}"): make sure that it may be public.`,
    }),
  },
  wordFormula: {
    say: (name) => ({ zh: `公式写成一行文字：${name}`, en: `A formula is written as one line of text: ${name}` }),
  },
  wordFormulaPart: {
    stops: true,
    say: (name) => ({
      zh: `公式中的“${name}”无法写成文字。`,
      en: `"${name}" in a formula cannot be written as text.`,
    }),
  },
  wordEquation: {
    stops: true,
    say: (name) => ({
      zh: `公式对象“${name}”不能显示，请改用 Word 公式、图片或文字。`,
      en: `The equation object "${name}" cannot be shown: make it a Word formula, a picture or words.`,
    }),
  },
  wordChart: {
    stops: true,
    say: (name) => ({
      zh: `图表“${name}”不能显示，请另存为图片后插入。`,
      en: `The chart "${name}" cannot be shown: save it as a picture and insert that.`,
    }),
  },
  wordDiagram: {
    stops: true,
    say: (name) => ({
      zh: `SmartArt 图形“${name}”不能显示，请另存为图片后插入。`,
      en: `The SmartArt "${name}" cannot be shown: save it as a picture and insert that.`,
    }),
  },
  wordObject: {
    stops: true,
    say: (name) => ({
      zh: `嵌入的对象“${name}”不能显示，请改为表格、图片或附件。`,
      en: `The embedded object "${name}" cannot be shown: make it a table, a picture or an attachment.`,
    }),
  },
  wordObjectPicture: {
    say: (name) => ({
      zh: `嵌入的对象“${name}”只保留了图片，不能再打开。`,
      en: `Of the embedded object "${name}" only its picture is kept.`,
    }),
  },
  wordControl: {
    stops: true,
    say: (name) => ({ zh: `控件“${name}”不能显示。`, en: `The control "${name}" cannot be shown.` }),
  },
  wordInk: {
    stops: true,
    say: (name) => ({ zh: `手写墨迹“${name}”不能显示。`, en: `The ink "${name}" cannot be shown.` }),
  },
  wordVideo: {
    stops: true,
    say: (name) => ({
      zh: `视频“${name}”没有带入，只保留了封面图片。`,
      en: `The video "${name}" was left out; only its picture is kept.`,
    }),
  },
  wordSignatureLine: {
    stops: true,
    say: (name) => ({ zh: `签名行“${name}”不能显示。`, en: `The signature line "${name}" cannot be shown.` }),
  },
  wordVector: {
    stops: true,
    say: (name) => ({
      zh: `图片“${name}”是 Windows 图元格式（EMF、WMF），网页不能显示，请另存为 PNG 后插入。`,
      en: `The picture "${name}" is a Windows metafile (EMF, WMF), which no page can show: save it as PNG and insert that.`,
    }),
  },
  wordLinked: {
    stops: true,
    say: (name) => ({
      zh: `图片“${name}”只是指向文档外的链接，图片本身不在文档里。`,
      en: `The picture "${name}" is only linked; it is not in the document.`,
    }),
  },
  wordPicture: {
    stops: true,
    say: (name) => ({ zh: `图片“${name}”无法使用。`, en: `The picture "${name}" cannot be used.` }),
  },
  wordCropped: {
    stops: true,
    say: (name) => ({
      zh: `图片“${name}”在文档中裁剪过，这里会显示整张，请在看图软件中裁好再插入。`,
      en: `The picture "${name}" is cropped in the document and would be shown whole here: crop the file itself.`,
    }),
  },
  wordTurned: {
    say: (name) => ({
      zh: `图片“${name}”在文档中旋转或翻转过，这里按原样显示。`,
      en: `The picture "${name}" is turned in the document and shown as it is stored here.`,
    }),
  },
  wordShape: {
    say: (_, n) => ({
      zh: `${n} 个没有文字的图形（线条、箭头等）没有带入。`,
      en: `${n} shapes without words (lines, arrows) were left out.`,
    }),
  },
  wordDrawing: {
    stops: true,
    say: (name) => ({
      zh: `由多个图形组成的图“${name}”只保留了其中的文字，请另存为图片后插入。`,
      en: `Of the drawing "${name}", made of several shapes, only the words are kept: save it as a picture and insert that.`,
    }),
  },
  wordTextBox: {
    say: (_, n) => ({
      zh: `${n} 个文本框的文字已放在它所在段落之后。`,
      en: `The words of ${n} text boxes now stand after the paragraphs that they belong to.`,
    }),
  },
  wordField: {
    stops: true,
    say: (name) => ({
      zh: `域“${name}”没有结果，请在 Word 中更新域后重新导入。`,
      en: `The field "${name}" has no result: update fields in Word and import again.`,
    }),
  },
  wordDate: {
    say: (name) => ({
      zh: `“${name}”是自动日期，已按保存时的文字带入，请核对。`,
      en: `"${name}" is an automatic date, taken as it was saved: check it.`,
    }),
  },
  wordMerge: {
    stops: true,
    say: (name) => ({
      zh: `邮件合并域“${name}”尚未填入内容。`,
      en: `The mail merge field "${name}" is not filled in.`,
    }),
  },
  wordReference: {
    stops: true,
    say: (name) => ({ zh: `交叉引用失效：“${name}”。`, en: `A cross-reference is broken: "${name}".` }),
  },
  wordPlaceholder: {
    stops: true,
    say: (name) => ({
      zh: `内容控件尚未填写，提示文字“${name}”没有带入。`,
      en: `A content control is not filled in; its prompt "${name}" was left out.`,
    }),
  },
  wordAltChunk: {
    stops: true,
    say: (name) => ({
      zh: `文档中插入了另一个文件“${name}”，读不了，没有带入，请在 Word 中打开并另存后重新导入。`,
      en: `Another file, "${name}", is inserted whole, cannot be read here and was left out: open and save the document in Word, then import again.`,
    }),
  },
  wordAltChunkEncoding: {
    say: (name) => ({
      zh: `文档中插入的文件“${name}”不是 UTF-8，请核对有无乱码。`,
      en: `A file inserted in the document is not UTF-8 ("${name}"): check that no character is wrong.`,
    }),
  },
  wordSubDocument: {
    stops: true,
    say: (name) => ({
      zh: `子文档“${name}”不在文件里，没有带入。`,
      en: `The subdocument "${name}" is not in the file.`,
    }),
  },
  wordSymbol: {
    stops: true,
    say: (name) => ({
      zh: `特殊字体的符号（${name}）认不出，没有带入。`,
      en: `A sign of a special font (${name}) is not known and was left out.`,
    }),
  },
  wordNumber: {
    stops: true,
    say: (name) => ({
      zh: `自动编号的格式“${name}”认不出，按阿拉伯数字写出。`,
      en: `Automatic numbers of the format "${name}" are written in digits.`,
    }),
  },
  wordNoteNumbers: {
    say: () => ({
      zh: '脚注原来每页（或每节）重新编号，这里连续编号。',
      en: 'Footnotes that start anew on each page or section are numbered through here.',
    }),
  },
  wordInnerLink: {
    say: (_, n) => ({
      zh: `${n} 处指向文档内部的链接只保留文字。`,
      en: `Of ${n} links to places inside the document only the words are kept.`,
    }),
  },
  wordEmphasis: {
    say: (_, n) => ({ zh: `${n} 处着重号改为强调。`, en: `${n} emphasis marks became emphasis.` }),
  },
  wordCombined: {
    say: (_, n) => ({ zh: `${n} 处“双行合一”改为一行。`, en: `${n} pieces of two lines in one became one line.` }),
  },
  wordRaised: {
    say: (_, n) => ({
      zh: `${n} 处提升或降低的文字作为上标、下标带入。`,
      en: `${n} pieces of raised or lowered text were taken as superscript or subscript.`,
    }),
  },
  wordLook: {
    say: (_, n) => ({
      zh: `${n} 处文字的颜色或突出显示没有带入。`,
      en: `The colour or highlight of ${n} pieces of text was left out.`,
    }),
  },
  wordProperty: {
    say: (name) => ({ zh: `格式“${name}”没有带入。`, en: `The formatting "${name}" was left out.` }),
  },
  wordUnknown: {
    stops: true,
    say: (name) => ({ zh: `认不出的内容“${name}”没有带入。`, en: `Unknown content "${name}" was left out.` }),
  },
} satisfies Record<string, Loss>;
