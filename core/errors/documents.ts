/** Documents, pictures and tables that come in. */
import type { Entry } from './entry.js';

export const documents = {
  document_not_utf8: {
    status: 422,
    said: {
      zh: '文件“{file}”不是 UTF-8 编码，无法可靠读取。',
      en: 'File "{file}" is not UTF-8 and cannot be read reliably.',
    },
    todo: { zh: '请在编辑软件中另存为 UTF-8 编码后再上传。', en: 'Save the document as UTF-8 and upload it again.' },
  },
  document_unsupported: {
    status: 415,
    said: { zh: '不支持“{file}”这种文件类型。', en: 'Files like "{file}" are not supported.' },
    todo: {
      zh: '请使用 Markdown（.md）、HTML、Word（.docx）或纯文本（.txt）。',
      en: 'Use Markdown (.md), HTML, Word (.docx) or plain text (.txt).',
    },
  },
  document_of_other_program: {
    status: 415,
    said: { zh: '“{file}”是{what}，不能直接读取。', en: '"{file}" is {what} and cannot be read as it is.' },
    todo: {
      zh: '请用 WPS 或 Word 打开，取消密码，另存为“Word 文档（.docx）”后再导入；版式文件和表格请作为附件上传。',
      en: 'Open it in WPS or Word, take off the password, save it as a Word document (.docx) and import that; attach page-layout files and sheets.',
    },
  },
  document_tracked: {
    status: 409,
    said: {
      zh: '文件“{file}”中有尚未处理的修订或批注：{found}。',
      en: 'File "{file}" holds tracked changes or comments that nobody has settled: {found}.',
    },
    todo: {
      zh: '请选择全部接受或全部拒绝（命令行 --revisions accept 或 reject；批注都不带入），或回到 Word 中逐条处理后重新导入。',
      en: 'Choose to accept all or reject all (--revisions accept or reject; comments never come along), or settle them in Word and import again.',
    },
  },
  file_too_large: {
    status: 413,
    said: {
      zh: '文件“{file}”超出可读取的范围（上限 {limit}）。',
      en: 'File "{file}" is more than can be read (limit {limit}).',
    },
    todo: {
      zh: '请把它拆成几个文件，或把较大的表格改为附件。',
      en: 'Part it into several files, or attach large tables instead.',
    },
  },
  document_unreadable: {
    status: 422,
    said: { zh: '文件“{file}”已损坏或格式不符，无法打开。', en: 'File "{file}" is damaged or not what its name says.' },
    todo: {
      zh: '请用原软件打开检查并另存后再上传。',
      en: 'Open it in its own program, save it anew and upload again.',
    },
  },
  files_missing: {
    status: 422,
    said: {
      zh: '“{file}”要用的文件不能随它发布，还没有上传或发布任何内容：{files}。',
      en: 'Files that "{file}" needs cannot go along; nothing was uploaded or published: {files}.',
    },
    todo: {
      zh: '请把文件放到文档旁边，或改正文档中的文件名后再发布；确认可以缺少的，加 --accept-losses。',
      en: 'Put the files beside the document or correct their names in it, then publish again; where they may be missing, add --accept-losses.',
    },
  },
  document_is_draft: {
    status: 422,
    said: {
      zh: '文件头写明这是草稿（draft: true），没有导入。',
      en: 'The front matter says that this is a draft (draft: true), so it was not imported.',
    },
    todo: {
      zh: '定稿后删去 draft 这一行，或改为 draft: false，再导入。',
      en: 'When it is final, take the line "draft" out, or write draft: false, and import it again.',
    },
  },
  document_incomplete: {
    status: 422,
    said: {
      zh: '文件“{file}”中有内容无法随正文发布，会改变意思：{losses}',
      en: 'File "{file}" holds what cannot be published with it, and the text would say something else: {losses}',
    },
    todo: {
      zh: '请在原文中改好（例如把图表改成图片或文字）后重新导入；确认没有影响的，可选择“仍然导入”（命令行 --accept-losses）。',
      en: 'Put it right in the document (a chart as a picture or in words, say) and import it again; where it does not matter, choose to import it all the same (--accept-losses).',
    },
  },
  document_too_deep: {
    status: 422,
    said: {
      zh: '正文的排版嵌套超过 {limit} 层（位置：“{place}”之后），无法处理。',
      en: 'The text is nested more than {limit} levels deep (after "{place}") and cannot be handled.',
    },
    todo: {
      zh: '请把这一处的多层表格、列表或引用拆平，或先粘贴为纯文本，再重新提交。',
      en: 'Flatten the tables, lists or quotations at this place, or paste it as plain text, and send again.',
    },
  },
  document_too_large: {
    status: 422,
    said: {
      zh: '正文过大：{what}超过 {limit}（位置：“{place}”之后）。',
      en: 'The text is too large: more than {limit} {what} (after "{place}").',
    },
    todo: {
      zh: '请拆成几个发布件，或把大表格作为附件发布。',
      en: 'Divide it into several releases, or publish the large table as an attachment.',
    },
  },
  document_takes_too_long: {
    status: 422,
    said: {
      zh: '正文的处理超过 {seconds} 秒，已停止。',
      en: 'Handling the text took more than {seconds} seconds and was stopped.',
    },
    todo: {
      zh: '请拆成几个发布件，或先粘贴为纯文本；稍后系统空闲时也可再试一次。',
      en: 'Divide it into several releases, or paste it as plain text; when the system is less busy, try once more.',
    },
  },
  documents_waiting: {
    status: 503,
    said: {
      zh: '正在处理的大文档太多，这一份没有开始处理。',
      en: 'Too many large documents are being handled; this one was not begun.',
    },
    todo: { zh: '请一分钟后再试，内容没有改动。', en: 'Try again in a minute; nothing was changed.' },
  },
  picture_refused: {
    status: 422,
    said: { zh: '图片“{file}”无法使用：{reason}', en: 'Picture "{file}" cannot be used: {reason}' },
    todo: {
      zh: '请换用 JPEG、PNG、GIF、WebP、BMP、TIFF 或 AVIF 图片。',
      en: 'Use a JPEG, PNG, GIF, WebP, BMP, TIFF or AVIF picture.',
    },
  },
  attachment_refused: {
    status: 422,
    said: { zh: '“{file}”不能作为附件：{reason}', en: '"{file}" cannot be attached: {reason}' },
    todo: {
      zh: '附件只接受 PDF、OFD、Word、Excel、PowerPoint（含 WPS）、ZIP 和 UTF-8 文本，扩展名要与内容一致。',
      en: 'Attach PDF, OFD, Word, Excel, PowerPoint (also of WPS), zip or UTF-8 text, under an ending that fits the content.',
    },
  },
  table_unreadable: {
    status: 422,
    said: { zh: '文件无法作为表格读取：{reason}', en: 'The file cannot be read as a table: {reason}' },
    todo: {
      zh: '请按原因修改后重新上传；可在“账号”页下载模板对照。',
      en: 'Do as the reason says and upload it again; the accounts page offers a template to compare with.',
    },
  },
  characters_refused: {
    status: 400,
    said: {
      zh: '“{field}”中有看不见的控制字符，不予接受。',
      en: '"{field}" holds control characters that nobody can see, and is refused.',
    },
    todo: { zh: '请去掉后重新提交。', en: 'Take them out and send again.' },
  },
  media_not_ready: {
    status: 409,
    said: { zh: '图片仍在处理中，尚不能发布。', en: 'Pictures are still being prepared.' },
    todo: { zh: '请稍候几秒再发布。', en: 'Wait a few seconds and publish again.' },
  },
  font_missing: {
    status: 503,
    said: {
      zh: '这台服务器上没有中文字体，不能生成 PDF。',
      en: 'This server has no Chinese font, so no PDF can be made.',
    },
    todo: {
      zh: '请改用 CSV，或请运维安装字体包 fonts-noto-cjk 后重试。',
      en: 'Take the CSV, or ask operations to install the package fonts-noto-cjk and try again.',
    },
  },
} as const satisfies Record<string, Entry>;
