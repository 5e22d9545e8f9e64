/**
 * Every error a person or program can meet here: a stable code, an HTTP status, a sentence in both languages and what
 * to do next. docs/errors.md is held to this table by a test.
 */
import type { Said } from '../channels/channel.js';

interface Entry {
  status: number;
  said: Said;
  todo: Said;
}

/** `{name}` in a sentence is filled from the error's details; a detail that differs by language is a `Said`. */
export const catalogue = {
  field_invalid: {
    status: 422,
    said: { zh: '“{field}”填写有误：{reason}', en: 'Field "{field}" is not valid: {reason}' },
    todo: { zh: '请改正该项后重新提交，其他内容已保留。', en: 'Correct this field and send again; the rest is kept.' },
  },
  field_missing: {
    status: 422,
    said: { zh: '缺少必填项“{field}”。', en: 'Required field "{field}" is missing.' },
    todo: { zh: '请补充该项后重新提交。', en: 'Fill in this field and send again.' },
  },
  template_facts_missing: {
    status: 422,
    said: { zh: '填写模板还缺：{what}。', en: 'To fill in the template these are missing: {what}.' },
    todo: { zh: '请补上这些要素，再填写一次。', en: 'Give these facts and fill it in again.' },
  },
  template_locked: {
    status: 422,
    said: {
      zh: '{passage}已由事件模板锁定，与模板不一致。',
      en: 'The event template has locked {passage}, and the text differs from it.',
    },
    todo: {
      zh: '请恢复这一段的原文；时间、地点等要素有变时用“改要素重填”。不想用模板时请另建一件。',
      en: 'Put the passage back; where a fact has changed, fill the template in anew. To go without the template, write another release.',
    },
  },
  template_left_out: {
    status: 422,
    said: {
      zh: '这件稿子由事件模板写成，不能去掉模板。',
      en: 'This text was made from an event template, which cannot be taken off it.',
    },
    todo: {
      zh: '请另建一件不用模板的稿子，或改用另一个模板重新填写。',
      en: 'Write another release without it, or fill in another template.',
    },
  },
  template_changed: {
    status: 409,
    said: {
      zh: '事件模板“{name}”已改为第 {version} 版。',
      en: 'The event template "{name}" has version {version} by now.',
    },
    todo: { zh: '请用新版重新填写一次，要素不必重找。', en: 'Fill in the new version; the facts are the same.' },
  },
  template_withdrawn: {
    status: 409,
    said: {
      zh: '事件模板“{name}”已停用：{reason}',
      en: 'The event template "{name}" was withdrawn: {reason}',
    },
    todo: { zh: '请换一个模板，或不用模板直接写。', en: 'Take another template, or write without one.' },
  },
  template_looser: {
    status: 422,
    said: {
      zh: '{what}在上级单位的模板中已锁定，下级模板只能更严。',
      en: 'The template of the unit above has locked {what}; one below it may only be stricter.',
    },
    todo: {
      zh: '请按上级模板恢复这一项；可以增加段落、锁定更多，或另建一个不依据它的模板。',
      en: 'Put it back as it is above; you may add passages and lock more, or make a template that follows none.',
    },
  },
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
  body_too_large: {
    status: 413,
    said: { zh: '内容过大（上限 {limit}）。', en: 'The content is too large (limit {limit}).' },
    todo: {
      zh: '请压缩图片或把大文件改为附件链接后再提交。',
      en: 'Shrink pictures or link large files instead, then send again.',
    },
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
  identity_taken: {
    status: 409,
    said: {
      zh: '这个平台账号已由{first}登记，登记两次会对公众重复发布。',
      en: 'This account of the platform is registered already, by {first}; twice would post twice in public.',
    },
    todo: {
      zh: '请核对“{field}”；确需改由本行使用时，先改掉或删除已登记的账号。',
      en: 'Check "{field}"; to use it here, first change or remove the account that has it.',
    },
  },
  credential_anew: {
    status: 422,
    said: {
      zh: '“{field}”要重新填写：{setting} 由 {old} 改为 {new}，原来的凭据不会发往新的地址。',
      en: '"{field}" must be given anew: {setting} changes from {old} to {new}, and the credentials kept are not sent there.',
    },
    todo: {
      zh: '请向账号管理员核实新地址，并在同一行重新填写该账号的全部凭据。',
      en: 'Have the keeper of the account confirm the new address, and give all its credentials anew in the same row.',
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
  request_malformed: {
    status: 400,
    said: { zh: '请求格式有误，无法读取。', en: 'The request cannot be read.' },
    todo: { zh: '请检查请求正文是否为有效的 JSON（UTF-8）。', en: 'Check that the body is valid JSON in UTF-8.' },
  },
  sign_in_failed: {
    status: 401,
    said: { zh: '用户名或密码不正确。', en: 'Wrong name or password.' },
    todo: { zh: '请重新输入；忘记密码请联系管理员。', en: 'Try again, or ask your administrator.' },
  },
  forbidden: {
    status: 403,
    said: {
      zh: '您没有做这件事的权限，它需要角色：{roles}。',
      en: 'You may not do this; it takes one of these roles: {roles}.',
    },
    todo: {
      zh: '请联系本单位的系统管理员，或请有该角色的同事办理。',
      en: "Ask your unit's admin, or a colleague who has such a role.",
    },
  },
  own_role: {
    status: 409,
    said: { zh: '角色不能由本人授予或确认。', en: 'Nobody gives a role to themselves, or confirms one of their own.' },
    todo: { zh: '请由另一位系统管理员办理。', en: 'Have another admin do it.' },
  },
  roles_apart: {
    status: 409,
    said: {
      zh: '三员分立：“{place}”的{role}与“{otherPlace}”的{other}不能由同一个人担任。',
      en: 'These are kept apart: {role} over "{place}" and {other} over "{otherPlace}" are never one person.',
    },
    todo: {
      zh: '请先收回其中一个角色，或把它交给另一位同事。',
      en: 'Take one of the two back first, or give it to somebody else.',
    },
  },
  role_held: {
    status: 409,
    said: { zh: '此人在“{place}”已经有“{role}”角色。', en: 'The person is {role} over "{place}" already.' },
    todo: {
      zh: '无需再授；要改期限，请先收回再授予。',
      en: 'Nothing is to do; to change its term, take it and give it anew.',
    },
  },
  role_confirmed: {
    status: 409,
    said: { zh: '这项授权不在等待确认。', en: 'This grant does not wait for a confirmation.' },
    todo: { zh: '请刷新页面查看现状。', en: 'Reload to see how it stands.' },
  },
  role_not_confirmable: {
    status: 409,
    said: { zh: '提出这项授权的人不能自己确认。', en: 'Whoever asked for this grant does not confirm it.' },
    todo: { zh: '请由另一位系统管理员确认。', en: 'Have another admin confirm it.' },
  },
  not_deputised: {
    status: 409,
    said: { zh: '不能这样委托代理：{reason}', en: 'This cannot be given to a deputy: {reason}' },
    todo: { zh: '请按原因修改后再委托。', en: 'Do as the reason says and try again.' },
  },
  last_admin: {
    status: 409,
    said: {
      zh: '这是最后一位能用密码登录、管理全部单位的系统管理员，不能停用或收回角色。',
      en: 'This is the last admin over the whole hub who can sign in with a password; they stay.',
    },
    todo: {
      zh: '请先设立另一位管理全部单位的系统管理员。万一无人能登录，在服务器上运行 lianfa people rescue。',
      en: 'Make another admin over the whole hub first. Where nobody can sign in any more, run lianfa people rescue on the machine.',
    },
  },
  own_account: {
    status: 409,
    said: { zh: '不能对自己的账户做这件事。', en: 'This is not done to an account of one’s own.' },
    todo: {
      zh: '自己的密码和动态口令请在“我的安全设置”中更改；停用请由另一位管理员办理。',
      en: 'Change your own password and codes under "My security"; another admin disables you.',
    },
  },
  person_disabled: {
    status: 409,
    said: { zh: '“{name}”已停用。', en: '"{name}" is disabled.' },
    todo: { zh: '请先启用，再办理。', en: 'Enable the person first.' },
  },
  person_enabled: {
    status: 409,
    said: { zh: '“{name}”仍在启用中，不能注销。', en: '"{name}" is enabled and is not erased.' },
    todo: { zh: '请先停用，确认无误后再注销。', en: 'Disable the person first.' },
  },
  person_unsealed: {
    status: 409,
    said: {
      zh: '“{name}”的记录不是本系统写入的样子，可能有人直接改过数据库，因此不予使用。',
      en: 'The record of "{name}" is not as the hub wrote it; somebody may have changed the database by hand, so it is not used.',
    },
    todo: {
      zh: '请运维核查数据库的访问记录，并从备份恢复这条记录。',
      en: 'Have operations look at who reached the database, and restore the record from a backup.',
    },
  },
  address_taken: {
    status: 409,
    said: { zh: '邮箱“{address}”已有人使用。', en: 'The address "{address}" is in use.' },
    todo: {
      zh: '请核对是否为同一个人；确需两人的，请用各自的邮箱。',
      en: 'See whether it is the same person; two people need an address each.',
    },
  },
  link_over: {
    status: 410,
    said: {
      zh: '这个链接已经失效：它只能用一次、有时限，重新发出后旧的也随之作废。',
      en: 'This link is over: it works once, for a limited time, and a newer one ends it.',
    },
    todo: { zh: '请联系本单位的系统管理员，重新发一个链接给您。', en: "Ask your unit's admin for a new link." },
  },
  password_weak: {
    status: 422,
    said: { zh: '这个密码不能用：{reason}', en: 'This password cannot be used: {reason}' },
    todo: {
      zh: '请用 10 个以上字符，例如几个不相干的词连在一起；不要用姓名、邮箱或常见密码。',
      en: 'Use ten characters or more, a few unrelated words for instance; no name, address or common password.',
    },
  },
  password_must_change: {
    status: 403,
    said: { zh: '请先换掉发给您的初始密码。', en: 'First change the password that you were given.' },
    todo: { zh: '设好自己的密码后即可继续。', en: 'Once you have one of your own you can go on.' },
  },
  factor_required: {
    status: 403,
    said: { zh: '您的角色必须启用动态口令。', en: 'Your roles need a second step (code) at sign-in.' },
    todo: {
      zh: '请用手机验证器扫码启用，之后即可继续。',
      en: 'Set it up with an authenticator app; then you can go on.',
    },
  },
  factor_off: {
    status: 409,
    said: { zh: '尚未启用动态口令。', en: 'There is no second step to do this with.' },
    todo: { zh: '请先启用动态口令。', en: 'Set it up first.' },
  },
  factor_pending_over: {
    status: 409,
    said: {
      zh: '这次启用已经过期或被新的一次取代，原来的动态口令没有改变。',
      en: 'This set-up has run out or was begun anew; your codes are as they were.',
    },
    todo: { zh: '请重新开始，在十分钟内扫码并输入口令。', en: 'Begin again, and type a code within ten minutes.' },
  },
  code_wrong: {
    status: 401,
    said: { zh: '口令不正确、已用过或已过期。', en: 'The code is wrong, used already or over.' },
    todo: {
      zh: '请等下一个口令再输入；手机时间要设为自动。没有手机时可用恢复码。',
      en: 'Wait for the next code and type that; let the phone set its own time. Without the phone, use a recovery code.',
    },
  },
  code_full_width: {
    status: 422,
    said: { zh: '口令里有全角数字。', en: 'The code holds full-width digits.' },
    todo: {
      zh: '请切换到英文输入法，用半角数字重新输入。',
      en: 'Switch the keyboard to plain digits and type it again.',
    },
  },
  proof_failed: {
    status: 403,
    said: { zh: '密码或口令不正确，这一步没有执行。', en: 'The password or code is not right; this was not done.' },
    todo: {
      zh: '请重新输入当前密码和一个新的动态口令（每个口令只能用一次）。',
      en: 'Type your present password and a fresh code; each code works once.',
    },
  },
  key_personal: {
    status: 403,
    said: {
      zh: '接口密钥不能做这件事，它要本人登录办理。',
      en: 'A key never does this; it takes a person who is signed in.',
    },
    todo: { zh: '请在浏览器中登录后办理。', en: 'Sign in with a browser and do it there.' },
  },
  key_in_address: {
    status: 400,
    said: {
      zh: '网址里带有接口密钥，已拒绝：网址会被沿途记录下来。',
      en: 'The address holds an API key and was refused: addresses are written down along the way.',
    },
    todo: {
      zh: '请把密钥放在 Authorization 请求头里，并吊销这一个、另建一个。',
      en: 'Send the key in the Authorization header, revoke this one and make another.',
    },
  },
  provider_off: {
    status: 409,
    said: { zh: '本系统没有接入统一身份认证。', en: 'This hub has no identity provider.' },
    todo: { zh: '请用用户名和密码登录。', en: 'Sign in with name and password.' },
  },
  provider_unreachable: {
    status: 503,
    said: { zh: '统一身份认证暂时连接不上。', en: 'The identity provider does not answer.' },
    todo: { zh: '请稍后再试，或用用户名和密码登录。', en: 'Try again later, or sign in with name and password.' },
  },
  provider_refused: {
    status: 401,
    said: { zh: '不能用这个统一身份登录。', en: 'This identity cannot sign in here.' },
    todo: {
      zh: '第一次使用请打开管理员发给您的邀请链接，在那里选择“用统一身份认证”；仍不行请联系管理员。',
      en: 'The first time, open the invitation of your admin and choose the provider there; else ask your admin.',
    },
  },
  identity_waiting: {
    status: 401,
    said: {
      zh: '这个统一身份还没有对应的人员，已提交系统管理员确认，核对码 {number}。',
      en: "This identity is nobody's here yet; an admin was asked to confirm it, number {number}.",
    },
    todo: {
      zh: '请把核对码告诉系统管理员；确认之后再用统一身份登录。',
      en: 'Tell your admin the number; once it is confirmed, sign in by the provider again.',
    },
  },
  provider_clock: {
    status: 401,
    said: {
      zh: '统一身份认证发来的凭证不在有效时间内，两边的时钟可能不一致。',
      en: 'What the provider sent is not valid at this time; the two clocks may differ.',
    },
    todo: {
      zh: '请再登录一次；仍不行请运维校准服务器时间。',
      en: 'Sign in once more; if it stays, operations should set the clock.',
    },
  },
  name_taken: {
    status: 409,
    said: { zh: '登录名“{name}”已有人使用。', en: 'The sign-in name "{name}" is taken.' },
    todo: { zh: '请换一个登录名。', en: 'Choose another name.' },
  },
  unit_closed: {
    status: 409,
    said: { zh: '该单位或其上级单位已停用。', en: 'The unit, or one above it, is closed.' },
    todo: {
      zh: '请选择其他单位，或请系统管理员恢复该单位。',
      en: 'Choose another unit, or ask an admin to open it again.',
    },
  },
  account_taken: {
    status: 409,
    said: {
      zh: '该单位在这个渠道上已有名为“{name}”的账号。',
      en: 'The unit has an account named "{name}" on this channel.',
    },
    todo: { zh: '请换一个名称，或修改已有的账号。', en: 'Choose another name, or change that account.' },
  },
  changed_meanwhile: {
    status: 409,
    said: { zh: '“{what}”刚刚被别人修改过。', en: '"{what}" was changed by somebody else a moment ago.' },
    todo: { zh: '请刷新页面，看清现在的内容后再操作。', en: 'Reload, look at what it says now, and try again.' },
  },
  sign_in_required: {
    status: 401,
    said: { zh: '请先登录。', en: 'Please sign in first.' },
    todo: { zh: '请登录，或使用有效的接口密钥。', en: 'Sign in, or send a valid API key.' },
  },
  too_many_attempts: {
    status: 429,
    said: { zh: '尝试次数过多。', en: 'Too many attempts.' },
    todo: { zh: '请在 {seconds} 秒后再试。', en: 'Try again in {seconds} seconds.' },
  },
  too_many_streams: {
    status: 429,
    said: {
      zh: '同时打开的实时页面过多（上限 {limit} 个）。',
      en: 'Too many live pages are open at a time (limit {limit}).',
    },
    todo: { zh: '请关闭不用的页面后重试。', en: 'Close those that are not needed and try again.' },
  },
  forbidden_origin: {
    status: 403,
    said: {
      zh: '该请求不是从本系统页面发出的，已拒绝。',
      en: 'This request did not come from our own pages and was refused.',
    },
    todo: {
      zh: '请从 {url} 打开本系统后重新操作；如果网址不对，请管理员修改 LIANFA_URL。',
      en: 'Open it at {url} and try again; where that is not its address, the operator sets LIANFA_URL right.',
    },
  },
  not_found: {
    status: 404,
    said: { zh: '没有找到“{what}”。', en: '"{what}" was not found.' },
    todo: { zh: '请核对编号或地址。', en: 'Check the id or address.' },
  },
  account_unknown: {
    status: 422,
    said: {
      zh: '投放范围中的“{account}”不是已登记的账号或单位。',
      en: '"{account}" in the audience is not a known account or unit.',
    },
    todo: {
      zh: '请先导入该账号，或从投放范围中去掉。',
      en: 'Import the account first, or take it out of the audience.',
    },
  },
  audience_empty: {
    status: 422,
    said: { zh: '投放范围内没有可用账号。', en: 'The audience holds no usable account.' },
    todo: { zh: '请调整渠道、地区、单位或标签条件。', en: 'Change the channels, regions, units or tags.' },
  },
  audience_unnamed: {
    status: 422,
    said: {
      zh: '没有写明投放范围：应急信息必须写明发给谁，不写即是全部账号，系统不予受理。',
      en: 'No audience is named: an emergency must say whom it is for; without that it would go to every account, so it is refused.',
    },
    todo: {
      zh: '请写明地区、单位、标签或账号（只选渠道不算）；确要发给全部，请选择最上级单位。',
      en: 'Name regions, units, tags or accounts (channels alone do not count); where it is for all, name the highest unit.',
    },
  },
  resend_nobody: {
    status: 409,
    said: {
      zh: '没有可以重发的账号：没有失败的，或都在自动重试。',
      en: 'There is nobody to send to again: none failed, or they are tried again by themselves.',
    },
    todo: {
      zh: '结果不明的账号，请先逐个确认是否已发出。',
      en: 'Where nobody knows whether it is out, say so first, one by one.',
    },
  },
  not_paused: {
    status: 409,
    said: { zh: '这件发布没有暂停。', en: 'It is not paused.' },
    todo: { zh: '无需恢复；请刷新页面查看现状。', en: 'There is nothing to resume; look again how it stands.' },
  },
  narrow_empty: {
    status: 422,
    said: {
      zh: '本次发布没有发往这个范围内的任何账号，无可移出。',
      en: 'It goes to no account of this audience, so there is nothing to take out.',
    },
    todo: { zh: '请核对地区、单位、渠道或账号。', en: 'Check the regions, units, channels or accounts.' },
  },
  channel_unknown: {
    status: 422,
    said: { zh: '没有“{channel}”这个渠道。', en: 'There is no channel "{channel}".' },
    todo: { zh: '可用渠道：{known}。', en: 'Known channels: {known}.' },
  },
  authorisation_unavailable: {
    status: 409,
    said: { zh: '不能在这里授权：{reason}。', en: 'It cannot be authorised here: {reason}.' },
    todo: {
      zh: '请按原因处理；也可以在平台取得凭据后重新导入该账号。',
      en: 'Do as the reason says, or get the credentials from the platform and import the account again.',
    },
  },
  media_not_ready: {
    status: 409,
    said: { zh: '图片仍在处理中，尚不能发布。', en: 'Pictures are still being prepared.' },
    todo: { zh: '请稍候几秒再发布。', en: 'Wait a few seconds and publish again.' },
  },
  no_signing_key: {
    status: 409,
    said: { zh: '您的签名密钥已停用，不能签发。', en: 'Your signing key was retired, so you cannot sign.' },
    todo: { zh: '请重试；仍不行的，请联系系统管理员。', en: 'Try again; if it stays so, ask an administrator.' },
  },
  already_signed: {
    status: 409,
    said: { zh: '该版本已经签发。', en: 'This revision is signed already.' },
    todo: { zh: '请刷新页面查看。', en: 'Reload to see it.' },
  },
  own_text: {
    status: 403,
    said: {
      zh: '这一版是您写的、改的或提交的，不能由您自己审签。',
      en: 'You wrote, changed or submitted this text, so you may not pass it yourself.',
    },
    todo: { zh: '请另一位同事审签。', en: 'Have a colleague do it.' },
  },
  decided_before: {
    status: 403,
    said: {
      zh: '您已在这次审签中办理过“{step}”，同一人不能办理两步。',
      en: 'You have passed "{step}" in this review already; nobody takes two steps of one.',
    },
    todo: { zh: '请另一位同事办理这一步。', en: 'Have a colleague take this step.' },
  },
  step_of_others: {
    status: 403,
    said: { zh: '“{step}”这一步指定由 {names} 办理。', en: 'The step "{step}" is for {names}.' },
    todo: {
      zh: '请他们办理；他们都不能办理时，本单位的系统管理员可以写明原因，转给其他有此角色的人。',
      en: "Have one of them do it. Where none of them can, the unit's admin passes it on to others of that role, with a reason.",
    },
  },
  review_decided: {
    status: 409,
    said: {
      zh: '{who}已于 {at}（北京时间）办理：{what}。',
      en: '{who} was first, at {at}, Beijing time: {what}.',
    },
    todo: {
      zh: '请刷新页面查看现在的状态，您的操作没有生效。',
      en: 'Reload to see how it stands; what you did had no effect.',
    },
  },
  step_open: {
    status: 409,
    said: {
      zh: '“{step}”这一步有人可以办理，不能转出。',
      en: 'Somebody can take the step "{step}", so it is not passed on.',
    },
    todo: { zh: '请催办：{names}。', en: 'Remind them: {names}.' },
  },
  signing_is_next: {
    status: 409,
    said: { zh: '接下来是签发，需要再次验证身份。', en: 'The next step signs, and takes a proof of who you are.' },
    todo: { zh: '请打开审签页签发。', en: 'Open the review and sign it there.' },
  },
  not_yet_signing: {
    status: 409,
    said: { zh: '还有“{step}”没有办理，不能签发。', en: 'The step "{step}" is still open, so it cannot be signed.' },
    todo: { zh: '请先办理这一步。', en: 'Have that step taken first.' },
  },
  audience_changed: {
    status: 409,
    said: {
      zh: '投放范围现在有 {now} 个账号，您看到的是 {seen} 个。',
      en: 'The audience now holds {now} accounts, not the {seen} that you saw.',
    },
    todo: { zh: '请核对新的数目后再签发。', en: 'Check the new number, then sign.' },
  },
  solo_emergency: {
    status: 403,
    said: {
      zh: '单人值守不能签发发往其他单位账号的应急信息。',
      en: 'Nobody signs an emergency to accounts of other units alone.',
    },
    todo: {
      zh: '请另一位签发人签发，或把范围改为本单位的账号。',
      en: "Have another person sign, or narrow it to your unit's own accounts.",
    },
  },
  number_wrong: {
    status: 422,
    said: {
      zh: '填写的账号数（{typed}）与将要发往的账号数不符，没有签发。',
      en: 'The number of accounts that was typed ({typed}) is not the number it goes to; it was not signed.',
    },
    todo: {
      zh: '请核对投放范围和账号数，再手工填写一次。',
      en: 'Look at the audience and its number of accounts, then type it again.',
    },
  },
  not_looked_at: {
    status: 409,
    said: {
      zh: '还有渠道稿没有打开看过：{channels}。',
      en: 'The text as these channels will show it has not been opened: {channels}.',
    },
    todo: {
      zh: '请逐个打开这些渠道的渠道稿，看完再签发。',
      en: 'Open the text of each of these channels, read it, then sign.',
    },
  },
  consent_missing: {
    status: 409,
    said: { zh: '签发前还须明确同意：{what}。', en: 'Before signing, say yes to each of: {what}.' },
    todo: { zh: '核对后勾选这些项，再签发。', en: 'Check them and tick each, then sign.' },
  },
  same_person: {
    status: 403,
    said: {
      zh: '您与撰稿人或第一位签发人同名且同单位，系统认为是同一个人。',
      en: 'You bear the name, in the same unit, of whoever wrote it or signed it first: for all the hub can tell, one person.',
    },
    todo: {
      zh: '请由另一个人作第二签发；确是两个人的，请系统管理员把姓名区分开。',
      en: 'Have another person sign second; where you are two people, have an administrator tell your names apart.',
    },
  },
  broadcast_by_now: {
    status: 409,
    said: {
      zh: '投放范围现在包含其他单位的账号，这已是联动发布，须两人签发。',
      en: 'The audience by now holds accounts of other units, so it is a broadcast, which two persons sign.',
    },
    todo: { zh: '请重新提交审签。', en: 'Submit it again.' },
  },
  broadcast_changed: {
    status: 409,
    said: {
      zh: '现在的内容与第一位签发人所签的不同：{reason}',
      en: 'It is no longer what the first person signed: {reason}',
    },
    todo: { zh: '请重新提交，由两人重新签发。', en: 'Submit it again and have both sign anew.' },
  },
  broadcast_out: {
    status: 409,
    said: {
      zh: '倒计时已结束，{out} 个账号已经送出，不能再停止。',
      en: 'The countdown is over and {out} accounts have been handed over, so it cannot be stopped any more.',
    },
    todo: {
      zh: '请到发布件页“撤回”：没有送出的随即停止，已送出的逐个撤下。',
      en: 'Withdraw it on its page: what has not left stops at once, what has is taken down.',
    },
  },
  glass_closed: {
    status: 403,
    said: {
      zh: '本单位没有指定您可以紧急直发。',
      en: 'Your unit has not named you as somebody who may send a broadcast alone.',
    },
    todo: {
      zh: '请另一位签发人签发；需要时由系统管理员预先指定人员。',
      en: 'Have a second person sign; an administrator names such persons beforehand.',
    },
  },
  finding_given: {
    status: 409,
    said: { zh: '这次紧急直发已有人完成事后审查。', en: 'Somebody has looked into this already.' },
    todo: { zh: '请刷新页面查看审查意见。', en: 'Reload to read what they found.' },
  },
  drill_real_account: {
    status: 422,
    said: {
      zh: '演练不能发往真实账号“{account}”。',
      en: 'A drill does not go to the real account "{account}".',
    },
    todo: {
      zh: '请只选演练账号（由运维在账号上标明）；确需发到真实账号的，选择“实盘演练”重新提交，签发人须另行同意。',
      en: 'Choose exercise accounts only (operations mark them); for a live drill say so when submitting, and whoever signs says yes to it.',
    },
  },
  drill_picture_unmarked: {
    status: 409,
    said: {
      zh: '图片“{picture}”上没有“演练”标记，演练不能使用。',
      en: 'The picture "{picture}" does not say 演练, so an exercise cannot use it.',
    },
    todo: {
      zh: '请打开该发布件重新保存一次，系统会生成带标记的图片，然后重新提交。',
      en: 'Open the release and save it once more: the hub then makes a picture that says so; submit it again.',
    },
  },
  chain_looser: {
    status: 422,
    said: {
      zh: '上级单位的审签流程要求“{step}”，下级只能更严。',
      en: 'A unit above asks for the step "{step}"; a chain below may only be stricter.',
    },
    todo: { zh: '请按上级流程的顺序补上这一步。', en: 'Add this step, in the order in which the chain above has it.' },
  },
  chain_unknown: {
    status: 409,
    said: {
      zh: '这次审签所用的流程记录缺失或被改动，不能继续。',
      en: 'The chain that this review follows is gone or was changed by hand, so it cannot go on.',
    },
    todo: {
      zh: '请重新提交，并请运维核对数据库的访问记录。',
      en: 'Submit it again, and have operations look who reached the database.',
    },
  },
  text_changed: {
    status: 409,
    said: {
      zh: '正文与提交审签时不同，没有执行。',
      en: 'The text is not the one that was submitted; nothing was done.',
    },
    todo: {
      zh: '若不是有意改动，请运维核对数据库的访问记录；另存新版后重新提交。',
      en: 'Unless it was changed on purpose, have operations look who reached the database; save it anew and submit again.',
    },
  },
  decision_unsigned: {
    status: 409,
    said: {
      zh: '{who}的审核意见没有有效的签名，不能据此签发。',
      en: 'The decision of {who} bears no valid signature, so nothing is signed on it.',
    },
    todo: {
      zh: '请重新提交审签，并请运维核对数据库的访问记录。',
      en: 'Submit it again, and have operations look who reached the database.',
    },
  },
  comment_closed: {
    status: 409,
    said: { zh: '这条意见已由{who}关闭。', en: 'This comment was closed by {who}.' },
    todo: { zh: '如有新的问题，请另写一条意见。', en: 'Write another comment if something is left.' },
  },
  revision_stale: {
    status: 409,
    said: { zh: '内容已被他人修改，您看到的不是最新版本。', en: 'The content was changed by somebody else meanwhile.' },
    todo: { zh: '请刷新后核对最新内容再操作。', en: 'Reload, check the newest content and repeat.' },
  },
  freeze_scope_unknown: {
    status: 422,
    said: {
      zh: '没有“{scope}”这个单位、账号或渠道，没有冻结任何内容。',
      en: 'There is no unit, account or channel "{scope}"; nothing was frozen.',
    },
    todo: {
      zh: '请从列表中选择；情况紧急时可先冻结全部。',
      en: 'Choose one from the list; where it is urgent, freeze everything first.',
    },
  },
  freeze_kept_nowhere: {
    status: 503,
    said: {
      zh: '冻结没有记下：账本和 Redis 现在都写不进。Redis 写不进时不会有新内容发出，但它一恢复就会继续发送，冻结不在其中。',
      en: 'The freeze is kept nowhere: neither the ledger nor Redis can be written. Nothing new leaves while Redis cannot be written, but it goes on as soon as that is back, and knows of no freeze.',
    },
    todo: {
      zh: '请让运维停止发布进程或腾出磁盘空间，然后立即再次冻结，直到显示“已生效”。',
      en: 'Have an operator stop the publishing processes or free the disk, then freeze again until it says that it is in force.',
    },
  },
  already_thawed: {
    status: 409,
    said: { zh: '这一冻结已于 {at} 解冻。', en: 'This freeze was thawed already, at {at}.' },
    todo: {
      zh: '请刷新查看还有哪些冻结；需要继续停发的，请重新冻结。',
      en: 'Reload to see what is still frozen; to go on holding, freeze again.',
    },
  },
  thaw_not_asked: {
    status: 409,
    said: { zh: '还没有人申请解冻，不能确认。', en: 'Nobody has asked for the thaw yet, so it cannot be confirmed.' },
    todo: { zh: '请先由一人申请解冻，再由另一人确认。', en: 'One person asks for the thaw, then another confirms it.' },
  },
  thaw_needs_second_person: {
    status: 403,
    said: {
      zh: '解冻须由申请人以外的另一人确认。',
      en: 'A thaw is confirmed by another person than the one who asked.',
    },
    todo: { zh: '请通知另一位有权限的人登录后确认。', en: 'Let another person who may do it sign in and confirm.' },
  },
  receipt_link_over: {
    status: 404,
    said: {
      zh: '这个确认链接无效或已过期。',
      en: 'This link for confirming is not valid or is over.',
    },
    todo: {
      zh: '请用最近一条短信、邮件或消息里的完整链接；仍打不开的，请打电话给发布单位。',
      en: 'Use the whole link of the newest message; if it still does not open, telephone those who sent it.',
    },
  },
  receipt_used: {
    status: 409,
    said: {
      zh: '这个链接已经确认过了，先前的确认有效。',
      en: 'This link has been used; what was confirmed before counts.',
    },
    todo: {
      zh: '不必再做什么。要更正的，请打电话给发布单位。',
      en: 'There is nothing left to do. To correct it, telephone those who sent it.',
    },
  },
  receipt_unproven: {
    status: 422,
    said: {
      zh: '确认时要有依据：照片、网址或一句说明，至少一项。',
      en: 'A confirmation needs a proof: a picture, an address or words.',
    },
    todo: { zh: '请拍一张照片，或写明已发布在哪里。', en: 'Take a picture, or write where it was published.' },
  },
  receipt_no_picture: {
    status: 415,
    said: { zh: '这不是照片。', en: 'This is no picture.' },
    todo: { zh: '请上传照片（JPEG、PNG 等）。', en: 'Upload a picture, JPEG or PNG.' },
  },
  sms_unknown: {
    status: 422,
    said: { zh: '没有“{adapter}”这个短信平台。', en: 'There is no provider "{adapter}" of text messages.' },
    todo: { zh: '请从列表中选择。', en: 'Choose one from the list.' },
  },
  move_forbidden: {
    status: 409,
    said: {
      zh: '该发布位当前为“{from}”，不能进行此操作。',
      en: 'This placement is "{from}"; that cannot be done now.',
    },
    todo: { zh: '请刷新页面查看最新状态。', en: 'Reload to see its present state.' },
  },
  already_withdrawn: {
    status: 409,
    said: { zh: '该发布件已撤回。', en: 'This release has been withdrawn.' },
    todo: { zh: '如需再次发布，请新建发布件。', en: 'To publish again, make a new release.' },
  },
  already_published_lately: {
    status: 409,
    said: {
      zh: '{hours} 小时内，同样的标题和正文已发往（或将按排期发往）投放范围内的账号：《{title}》（{release}），{at}（北京时间）。',
      en: 'Within {hours} hours the same title and text went, or are planned to go, to accounts of this audience: "{title}" ({release}), at {at}, Beijing time.',
    },
    todo: {
      zh: '误发的不必再发，本次没有发出任何内容。确需再发（应急信息也一样），现在就可以：在发布窗口勾选“已核对，仍要再次发布”，命令行加 --again，接口填 "again": true。',
      en: 'If it was a mistake, leave it: nothing was sent now. If it is meant, an emergency too, go on at once: tick "I have checked: publish it again" in the dialog, add --again to the command, or send "again": true.',
    },
  },
  warning_incomplete: {
    status: 422,
    said: {
      zh: '这条预警来自外部来文，来文没有写明{what}，还不能送审或签发。',
      en: 'This warning came in from outside without {what}; it cannot go to review or be signed yet.',
    },
    todo: {
      zh: '请在编辑页补上，保存后再送审；拿不准的向发文单位核实。',
      en: 'Fill it in, save, and submit again; ask the sender where you are not sure.',
    },
  },
  alert_not_public: {
    status: 409,
    said: {
      zh: '这份草稿来自外部来文，不能发布：{reason}',
      en: 'This draft came in from outside and cannot go out: {reason}',
    },
    todo: {
      zh: '需要向公众发布的，请另建发布件，内容由本单位负责。',
      en: 'If the public must know, write a release of your own.',
    },
  },
  alert_refused: {
    status: 422,
    said: {
      zh: '这不是有效的 CAP 1.2 预警：{element}，第 {line} 行：{reason}',
      en: 'This is no valid CAP 1.2 alert: {element}, line {line}: {reason}',
    },
    todo: {
      zh: '请把这句话转给发文单位，请对方改正后重发；原文已留存在“来文”中。',
      en: 'Pass this sentence to the sender, who must correct it and send again; the raw message is kept under "Alerts received".',
    },
  },
  alert_held: {
    status: 409,
    said: {
      zh: '来文已收到并留存，但没有成为草稿：{reason}',
      en: 'The alert was received and kept, and made no draft: {reason}',
    },
    todo: { zh: '请在“来文”页查看并按提示处理。', en: 'Look at it under "Alerts received" and do what it says there.' },
  },
  alert_settled: {
    status: 409,
    said: { zh: '这份来文已经处理过，不需要再收。', en: 'This alert is settled; there is nothing left to take.' },
    todo: { zh: '请在“来文”中查看它的结果。', en: 'See its outcome under "Alerts received".' },
  },
  warning_expired: {
    status: 409,
    said: {
      zh: '预警的失效时间（{until}，北京时间）已过，不能签发或发布，以免误导公众。',
      en: 'The warning ended at {until}, Beijing time: it would mislead, so it is neither signed nor sent.',
    },
    todo: {
      zh: '预警仍有效的，请改写失效时间并另存新版再签发；已经结束的，请发布解除。',
      en: 'If it still holds, set a later end, save that as a new revision and sign it; if it is over, send a cancel.',
    },
  },
  plan_in_past: {
    status: 422,
    said: { zh: '排定时间已过：{at}。', en: 'The planned time is past: {at}.' },
    todo: {
      zh: '请改为以后的时间；要立即发布，请去掉定时。',
      en: 'Choose a later time; to publish at once, leave the time out.',
    },
  },
  plan_settled: {
    status: 409,
    said: {
      zh: '这项排期已不在等待：{state}。',
      en: 'This plan is not waiting any more: {state}.',
    },
    todo: { zh: '请刷新页面查看现在的情况。', en: 'Reload to see how it is now.' },
  },
  plan_hopeless: {
    status: 409,
    said: { zh: '不能发出：{reason}', en: 'It cannot go out: {reason}' },
    todo: {
      zh: '请取消这项排期，按原因处理后重新下达发布令。',
      en: 'Drop this plan, put right what the reason says, and order it again.',
    },
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
  calendar_year_invalid: {
    status: 422,
    said: { zh: '“{day}”不能录入 {year} 年的日历：{reason}', en: '"{day}" cannot be entered for {year}: {reason}' },
    todo: { zh: '请对照放假通知改正后重新录入。', en: 'Compare with the notice and enter it again.' },
  },
  queue_unavailable: {
    status: 503,
    said: {
      zh: '发布队列暂时不可用，内容已保存，未重复发送。',
      en: 'The queue is not available; the content is saved and nothing was sent twice.',
    },
    todo: {
      zh: '系统会自动恢复并继续；若持续 5 分钟请联系运维。',
      en: 'It goes on by itself; call operations if it lasts 5 minutes.',
    },
  },
  redis_unfit: {
    status: 503,
    said: { zh: '这个 Redis（{where}）不能用：{reason}', en: 'This Redis ({where}) cannot be used: {reason}' },
    todo: { zh: '{next}', en: '{next}' },
  },
  store_unavailable: {
    status: 503,
    said: { zh: '数据库暂时不可用。', en: 'The database is not available.' },
    todo: { zh: '请稍后重试；若持续出现请联系运维。', en: 'Try again shortly; call operations if it lasts.' },
  },
  audit_unavailable: {
    status: 503,
    said: {
      zh: '审计记录写不进去，这一步没有执行。',
      en: 'The audit record cannot be written, so this was not done.',
    },
    todo: {
      zh: '请稍后重试；若持续出现，请运维检查数据库的磁盘空间和写权限，再运行 lianfa audit verify。',
      en: 'Try again shortly; if it lasts, operations should check the disk space and write access of the database, then run lianfa audit verify.',
    },
  },
  internal: {
    status: 500,
    said: { zh: '系统内部错误，编号 {reference}。', en: 'Internal error, reference {reference}.' },
    todo: { zh: '请把编号告诉运维人员。', en: 'Tell operations this reference.' },
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof catalogue;
type Details = Readonly<Record<string, string | Said>>;

/** An error with a code from the catalogue. `details` fill the sentences; `field` names the input at fault. */
export class LianfaError extends Error {
  override name = 'LianfaError';
  readonly code: ErrorCode;
  readonly details: Details;
  readonly field: string | undefined;

  constructor(code: ErrorCode, details: Details = {}, options?: ErrorOptions) {
    super(fill(catalogue[code].said.en, details, 'en'), options);
    this.code = code;
    this.details = details;
    this.field = typeof details['field'] === 'string' ? details['field'] : undefined;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  /** The form in which the API answers it. */
  toJSON(): { code: ErrorCode; field?: string; message: Said; todo: Said } {
    const { said, todo } = catalogue[this.code];
    return {
      code: this.code,
      ...(this.field !== undefined && { field: this.field }),
      message: { zh: fill(said.zh, this.details, 'zh'), en: fill(said.en, this.details, 'en') },
      todo: { zh: fill(todo.zh, this.details, 'zh'), en: fill(todo.en, this.details, 'en') },
    };
  }
}

/** What people call the inputs whose names in the API are English. */
const fieldNames: Readonly<Record<string, string>> = {
  'front matter': '文件头',
  title: '标题',
  summary: '摘要',
  kind: '体裁',
  language: '语言',
  body: '正文',
  source: '来源',
  author: '作者',
  columns: '栏目',
  keywords: '关键词',
  pictures: '图片',
  cover: '封面',
  attachments: '附件',
  policy: '公文信息',
  emergency: '预警信息',
  template: '事件模板',
  facts: '要素',
  interprets: '所解读的政策文件',
  interpretations: '政策解读',
  organization: '单位',
  revision: '版本',
  notBefore: '排定时间',
  expires: '截止时间',
  tolerance: '允许延误',
  audience: '投放范围',
  reason: '原因',
  scope: '冻结范围',
  note: '说明',
  channel: '渠道',
  name: '名称',
  tags: '标签',
  settings: '账号设置',
  credentials: '账号凭据',
  region: '地区代码',
  displayName: '姓名',
  address: '邮箱',
  role: '角色',
  person: '人员',
  until: '截止时间',
  from: '开始时间',
  code: '口令',
  parent: '上级单位',
  password: '密码',
  steps: '审签步骤',
  persons: '人员',
  step: '步骤',
  id: '编号',
  file: '文件',
  phone: '手机',
  mail: '邮箱',
  webhook: '回调地址',
  told: '通知方式',
  instead: '代替',
  words: '说明',
  picture: '照片',
  url: '网址',
  sms: '短信',
};

function fieldInChinese(path: string): string {
  const name = fieldNames[path.split('.')[0] ?? ''];
  return name ? `${name}（${path}）` : path;
}

function fill(sentence: string, details: Details, language: keyof Said): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const detail = details[name];
    if (name === 'field' && typeof detail === 'string' && language === 'zh') return fieldInChinese(detail);
    return typeof detail === 'object' ? detail[language] : (detail ?? whole);
  });
}
