/** Every word of the interface in Chinese. `en.ts` has the same keys, by type. */
export const zh = {
  app: { name: '联发', title: '联发 · 政务联动发布', skip: '跳到正文', releases: '发布件', accounts: '账号', compose: '新建发布件', menu: '账号菜单', main: '主导航' },
  signIn: {
    heading: '登录', name: '用户名', password: '密码', submit: '登录', busy: '正在登录…',
    lead: '一次成稿，送达政府网站、微信、微博、客户端，每一次投递都如实回报。', again: '登录已过期，请重新登录，之后回到原来的页面。',
  },
  menu: {
    language: '语言', theme: '外观', auto: '跟随系统', light: '浅色', dark: '深色', large: '大字', shortcuts: '键盘快捷键', signOut: '退出登录', signedInAs: '已登录：{name}',
  },
  shortcuts: {
    heading: '键盘快捷键', help: '显示本说明', releases: '前往发布件', accounts: '前往账号', compose: '新建发布件', search: '跳到搜索框', close: '关闭弹窗或抽屉', save: '保存草稿（撰写页）', close_button: '关闭',
    note: '所有功能都可用 Tab、方向键与回车操作；在输入框中快捷键不生效。',
  },
  states: {
    verified: '已核验', published: '已公开', accepted: '平台已接收', sending: '发送中', queued: '排队中', waiting: '等待重试', needs_action: '需人工处理', failed: '失败', cancelled: '已取消', withdrawn: '已撤回',
  },
  groups: { verified: '已核验', under_way: '进行中', waiting: '等待重试', needs_action: '需人工处理', failed: '失败', taken_back: '取消 / 撤回' },
  kinds: { news: '新闻', notice: '通知公告', policy: '政策文件', interpretation: '政策解读', emergency: '应急信息', live: '直播' },
  actions: { publish: '发布', withdraw: '撤回' },
  lanes: { routine: '常规通道', emergency: '应急通道' },
  credentials: { ok: '凭据有效', dead: '凭据失效', unchecked: '未检查' },
  common: {
    retry: '重试', reload: '重新载入', cancel: '取消', close: '关闭', save: '保存', loading: '正在载入…', all: '全部', next: '下一页', previous: '上一页', more: '载入更多',
    total: '共 {count}', whatNow: '怎么办：', optional: '选填', required: '必填', none: '无', remove: '移除', openNew: '（在新窗口打开）',
  },
  line: { lost: '连接中断，正在重连…', last: '以下为 {time} 的数据，可能已有变化。', open: '实时', connecting: '正在连接…' },
  releases: {
    heading: '发布件', search: '在已载入的发布件中查找', searchShort: '标题或经办人', none: '还没有发布件', noneTodo: '点“新建发布件”写第一篇，或导入一份 Word、Markdown 文档。', noMatch: '已载入的 {count} 件中没有符合“{q}”的。', noMatchTodo: '换一个词，或先载入更多。',
    title: '标题', kind: '体裁', updated: '最近更新', by: '经办人', state: '投递情况', draft: '草稿，尚未投递', withdrawn: '已撤回', accounts: '{count} 次投递', loaded: '已载入 {count} 件',
  },
  release: {
    back: '全部发布件', revision: '第 {number} 版', signed: '{by} 于 {time} 签发', unsigned: '草稿，尚未签发', created: '{by} 创建于 {time}', edit: '修改', editNote: '已签发的版本不变；修改后成为新的一版。', withdraw: '撤回', publish: '继续编辑并发布',
    withdrawal: '撤回：{total} 个账号中已撤回 {done} 个', withdrawalAsks: '{count} 个需人工处理', withdrawnAt: '已于 {time} 撤回', finished: '全部投递已有最终结果', running: '投递进行中', unsent: '尚未投递', unsentTodo: '点“继续编辑并发布”，选定投放范围后签发。', glance: '总体情况', progress: '已核验 {verified} / {total}', progressFinal: '其中 {final} 次已有最终结果', public: '公开地址',
    chart: '图', table: '表', view: '显示方式', chartLabel: '各渠道投递情况：{summary}', channel: '渠道', total: '合计', dispatches: '投递批次', dispatch: '{by} 于 {time} 下达{action}（{lane}），{count} 次投递', dispatchRunning: '正在分派', dispatchDone: '已分派完', body: '正文', content: '内容', showContent: '查看签发内容',
  },
  deliveries: {
    heading: '投递明细', channel: '渠道', state: '状态', action: '动作', search: '账号或单位名称（从开头匹配）', account: '账号', unit: '单位', since: '状态起始', attempts: '尝试', cause: '说明', link: '公开地址', open: '查看', resume: '{time} 继续', due: '{time} 复查', none: '没有符合条件的投递', noneTodo: '请放宽筛选条件。', clear: '清除筛选',
    range: '第 {from}–{to} 条', rangeOf: '第 {from}–{to} 条，共 {total} 条', operate: '操作', moving: '名单随投递实时更新', loadingRows: '正在载入投递…', details: '查看“{name}”的投递经过',
  },
  delivery: {
    heading: '投递经过', timeline: '经过', now: '当前状态', attempt: '第 {n} 次', platform: '平台原话', code: '平台代码 {code}', requestId: '请求编号 {id}', cause: '原因', todo: '怎么办', resumes: '将于 {time} 继续', checks: '将于 {time} 复查', by: '由 {by}', ignored: '未采纳（与当前状态不符）', retry: '重新投递', retryNote: '系统会先向平台核实，不会重复发布。', retried: '已重新排队，将先向平台核实。', resolve: '确认结果', link: '打开公开页面', id: '投递编号',
    since: '自 {time}', system_publish: '发布程序', system_schedule: '定时复查', system_callback: '平台回调', region: '地区 {code}',
  },
  resolve: {
    heading: '确认结果：{name}', lead: '请先到平台上核实，再据实选择。您的选择会记入投递经过。', outcome: '实际情况', published: '已经发布', publishedNote: '公众已能看到', not_published: '没有发布', not_publishedNote: '系统将重新发布', cancelled: '不再发布', cancelledNote: '取消这次投递', url: '公开地址（选填）', note: '核实说明', noteHint: '例如：已登录公众号后台查看，文章已群发。', submit: '记入并执行', done: '已记入。', noteMissing: '请写明如何核实的。', urlInvalid: '请填写以 http:// 或 https:// 开头的完整地址。',
    published_withdraw: '已经撤下', published_withdrawNote: '公众已看不到', not_published_withdraw: '还没有撤下', not_published_withdrawNote: '系统将再次撤回', cancelled_withdraw: '不再撤回', cancelled_withdrawNote: '取消这次撤回',
  },
  withdraw: {
    heading: '撤回发布件', lead: '将从投放过的 {count} 个账号撤回《{title}》。', leadAtMost: '将从投放过的全部账号（各版共 {count} 次投递，账号数不多于此）撤回《{title}》。', submitAll: '从全部账号撤回', byChannel: '{channel} {count} 个', unable: '有的平台不提供撤回接口，这类账号会转为“需人工处理”。', reason: '撤回原因', reasonHint: '会记入档案，不对公众显示。', reasonMissing: '请填写撤回原因。', submit: '从 {count} 个账号撤回', done: '撤回已下达，进展见下方明细。',
  },
  compose: {
    headingNew: '新建发布件', headingEdit: '修改发布件', next: '保存后成为第 {number} 版；已签发的版本不变。', import: '导入文档', importHint: 'Markdown、Word（.docx）、HTML、纯文本', importing: '正在读取文档…', imported: '已读入“{name}”。',
    title: '标题', summary: '摘要', summaryHint: '留空时由各渠道从正文截取。', interprets: '解读的政策文件', interpretsHint: '网站上的政策文件和本解读会互相链接。', noPolicies: '还没有录入政策文件；先录入文件，再在这里选择。', kind: '体裁', source: '来源', sourceHint: '发布单位，或转载出处', author: '作者', columns: '网站栏目', columnsHint: '输入后按回车，可多个', keywords: '关键词', body: '正文', format: '正文格式', markdown: 'Markdown', html: '富文本 / HTML', text: '纯文本', bodyHint: '可直接从 Word、WPS 或网页粘贴，排版会按规范清理。', pastedRich: '已按富文本粘入，格式切换为 HTML。', pastedPlain: '正文已有 Markdown 内容，已按纯文本粘入。',
    pictures: '图片', addPictures: '添加图片', alt: '图片说明（读屏与无图时显示）', altMissing: '请为图片写说明，让看不见图的人也知道内容。', cover: '设为封面', isCover: '封面', insert: '插入正文', inserted: '已插入正文', afterBody: '未插入正文的图片排在文末', uploading: '正在上传 {percent}%', preparing: '正在为各渠道处理', ready: '可用', refused: '不能使用', refusedTodo: '这张图片无法处理成各渠道可用的大小，请移除后换一张。', attachments: '附件', addAttachments: '添加附件', attachmentName: '附件名称',
    audience: '投放范围', channels: '渠道', units: '单位', unitsHint: '选中一个单位即包含其全部下级；不选为全部单位', unitsAll: '全部单位', unitsChosen: '已选 {count} 个单位（含下级）', chooseUnits: '选择单位', findUnits: '按名称查找单位', regions: '地区', regionsHint: '按行政区划，含下级', tags: '账号标签', size: '{count} 个账号', sizeBusy: '正在计算…', sizeNone: '范围内没有账号，请调整。', lane: '通道', laneHint: '应急通道不受常规队列影响，只用于应急信息。',
    previews: '各渠道效果', previewsHint: '与实际发布使用同一渲染', previewWait: '填写标题、来源和正文后，这里显示各渠道的真实效果。', previewBusy: '正在更新…', phone: '手机', desktop: '电脑', frameOf: '{channel}效果', screenOf: '{channel}的屏幕', warnings: '{count} 处提醒', noWarnings: '无提醒', specimen: '按示例账号显示', withAccount: '按账号“{account}”显示', dropped: '清理正文时去掉了以下内容', droppedRow: '{said}（{count} 处）',
    save: '保存草稿', publish: '保存并发布', saved: '已保存为第 {number} 版。', unsaved: '有未保存的修改', leave: '有未保存的修改，确定离开吗？', missing: '请先填写：{fields}', chooseChannel: '请至少选择一个渠道。', pictureBusy: '图片仍在上传，请稍候。',
  },
  emergency: {
    heading: '预警信息', on: '这是一条预警，按要素填写', off: '不填要素时，各渠道只能从正文里找级别、区域和措施。', status: '性质', Actual: '实际', Exercise: '演练', drillHint: '各渠道的标题都会以“演练”开头。', msgType: '消息类型', Alert: '发布', Update: '更新', Cancel: '解除', references: '针对的预警', referencesHint: '选择先前发布的预警', noReferences: '还没有发布过应急信息。',
    level: '预警级别', blue: '蓝色 · 一般', yellow: '黄色 · 较大', orange: '橙色 · 重大', red: '红色 · 特别重大', event: '事件类型', eventHint: '如：台风、暴雨', category: '事件类别', Met: '气象', Geo: '地质地震', Safety: '公共安全', Security: '社会安全', Rescue: '救援', Fire: '火灾', Health: '公共卫生', Env: '环境', Transport: '交通', Infra: '基础设施', CBRNE: '核生化', Other: '其他',
    areas: '影响区域', areasHint: '可选可填；自填如“350100 福州市”，代码为 GB/T 2260 行政区划代码，也可只写名称。', onset: '起始时间（北京时间）', expires: '失效时间（北京时间）', instruction: '应采取的措施', instructionHint: '最要紧的放在最前，微博和手机通知从这里截取。', responseType: '行动类型', Shelter: '就地避险', Evacuate: '转移撤离', Prepare: '做好准备', Execute: '按预案行动', Avoid: '远离危险区域', Monitor: '关注后续信息', None: '无需行动', contact: '咨询电话',
  },
  policy: { heading: '公文信息', index: '索引号', number: '发文字号', numberHint: '如：示政办发〔2026〕18号', issuer: '发文机关', signed: '成文日期', validity: '有效性', topic: '主题分类', keywords: '主题词' },
  publish: { heading: '签发并发布', lead: '《{title}》将发往 {count} 个账号', channel: '{channel}', accounts: '{count} 个账号', lane: '通道', frozen: '签发后该版本不能再改；如需更正，另存新版再发。', warnings: '仍有 {count} 处渠道提醒，请确认可以接受。', submit: '签发并发往 {count} 个账号', done: '已下达，正在投递。' },
  accounts: {
    heading: '账号', name: '账号', channel: '渠道', unit: '单位', region: '地区', tags: '标签', credential: '凭据', checked: '检查于 {time}', daysLeft: '剩 {days} 天', check: '立即检查', checking: '正在检查…', checkName: '检查账号“{name}”', import: '导入账号', none: '还没有账号', noneTodo: '点“导入账号”，用 CSV 或 JSON 文件一次登记多个账号。', noMatch: '没有符合条件的账号', disabled: '已停用',
    authorise: '授权', authoriseName: '授权账号“{name}”', leaving: '正在前往平台…', soonAuthorise: '凭据即将到期，请现在点“授权”；到期前重新授权不影响发布。', soonReplace: '凭据即将到期，请在平台更换后重新导入该账号。',
  },
  accountImport: {
    heading: '导入账号', lead: '选择 CSV 或 JSON 文件。出错的行会逐一列出，其余照常导入；重复导入同一账号会更新它。', csv: 'CSV 首行为列名：channel,name,organization,tags（多个用分号隔开），其余列写作 settings.名称 或 credentials.名称。', choose: '选择文件', reading: '正在读取…', sending: '已处理 {done} / {total} 行', created: '新增 {count}', updated: '更新 {count}', refused: '未导入 {count}', row: '行', field: '列', reason: '原因', empty: '文件里没有账号。', all: '全部导入成功。', gbk: '文件按 GBK 编码读取。',
  },
  notices: {
    heading: '提醒', open: '提醒', openUnseen: '提醒，{count} 条未读', good: '已恢复', info: '提示', warning: '注意', urgent: '紧急', markSeen: '标为已读', allSeen: '全部标为已读', shared: '提醒由全体运维人员共用，一人已读即为已读。',
    none: '没有提醒', noneTodo: '凭据将到期或失效、账号恢复等情况会显示在这里。',
  },
  missing: { heading: '没有这个页面', todo: '请从导航进入，或返回发布件列表。' },
};

export type Messages = typeof zh;
