/**
 * The platform's error codes as data: cause, class, and what a person does. The codes and meanings are the open
 * platform's own table; rows marked [R] are recalled, not confirmed. The class is our choice, always one that cannot
 * post twice and cannot go on for ever.
 */
import type { Said } from '../channel.js';

export const todo = {
  authorise: {
    zh: '请账号管理员在“账号”页点“授权”重新授权微博，停下的投递随后自动继续。',
    en: "Ask the account's keeper to authorise Weibo again under Accounts; the stopped deliveries then go on by themselves.",
  },
  app: {
    zh: '请在微博开放平台 open.weibo.com 核对应用的 App Key、权限级别与审核状态，更正后重试。',
    en: "Check the app's key, permission level and review state at open.weibo.com, correct them, then retry.",
  },
  redirect: {
    zh: '请在微博开放平台“应用信息→高级信息”把授权回调页设为本系统地址加“/callbacks/authorisation”，再授权一次。',
    en: 'Set the app\'s redirect page at open.weibo.com to this hub\'s address and "/callbacks/authorisation", then authorise again.',
  },
  addresses: {
    zh: '请在微博开放平台“应用信息→安全设置”把本系统的出口 IP 加入白名单，再重试。',
    en: "Add this hub's IP address to the app's white list at open.weibo.com, then retry.",
  },
  domains: {
    zh: '请在微博开放平台“应用信息→安全域名”绑定链接所在的域名，或在账号设置里改用已绑定的域名，再重试。',
    en: "Bind the link's domain as a safe domain of the app at open.weibo.com, or use a bound one in the account's settings, then retry.",
  },
  content: { zh: '请按原因修改稿件后重新签发。', en: 'Change the release accordingly and sign it again.' },
  picture: {
    zh: '请更换图片（JPEG、PNG 或 GIF，小于 5 MB）后重新签发。',
    en: 'Use another picture (JPEG, PNG or GIF, below 5 MB) and sign again.',
  },
  signIn: {
    zh: '请用该账号登录 weibo.com，按站内提示完成验证或申诉，再重试。',
    en: 'Sign in at weibo.com with this account, pass the check or appeal as told there, then retry.',
  },
  look: {
    zh: '请登录该微博查看：已发出选“已发布”，确认没有发出选“未发布，重新发送”。',
    en: 'Look at the account on Weibo: choose "published" if it is there, "not published" to send it again.',
  },
  link: {
    zh: '请在账号设置中填写“链接模板”（本单位网站上同一稿件的地址），再重试。',
    en: "Fill in the link template (the same release on the unit's site) in the account's settings, then retry.",
  },
  endpoint: {
    zh: '请检查账号设置中的接口地址和本系统到微博的网络，再重试。',
    en: "Check the API address in the account's settings and the network to Weibo, then retry.",
  },
  operations: { zh: '请把平台返回的代码和原话告诉运维人员。', en: "Tell operations the platform's code and words." },
  gone: { zh: '请在微博上核实该内容的状态。', en: 'Check on Weibo what has become of it.' },
} as const satisfies Record<string, Said>;

export type Rule = { cause: Said } & (
  | { class: 'retry'; delay: number }
  /** Something behind the platform's face failed: it may have been done. */
  | { class: 'doubt' }
  /** Until the next full hour, or the platform's midnight. */
  | { class: 'wait'; until: 'hour' | 'midnight' }
  | { class: 'duplicate' }
  /** Posted, visible in a minute or two. */
  | { class: 'delayed' }
  | { class: 'action' | 'permanent'; todo: keyof typeof todo }
);

const retry = (delay: number, zh: string, en: string): Rule => ({ class: 'retry', delay, cause: { zh, en } });
const doubt = (zh: string, en: string): Rule => ({ class: 'doubt', cause: { zh, en } });
const wait = (until: 'hour' | 'midnight', zh: string, en: string): Rule => ({
  class: 'wait',
  until,
  cause: { zh, en },
});
const action = (what: keyof typeof todo, zh: string, en: string): Rule => ({
  class: 'action',
  todo: what,
  cause: { zh, en },
});
const permanent = (what: keyof typeof todo, zh: string, en: string): Rule => ({
  class: 'permanent',
  todo: what,
  cause: { zh, en },
});
const duplicate = (zh: string, en: string): Rule => ({ class: 'duplicate', cause: { zh, en } });
const reauthorise = (zh: string, en: string): Rule => action('authorise', zh, en);

export const codes: Readonly<Record<string, Rule>> = {
  // System.
  10001: retry(20, '微博系统错误。', 'Weibo failed inside.'),
  10002: retry(30, '微博服务暂停。', 'The Weibo service is suspended.'),
  10003: doubt('微博远程服务错误，不能确定是否已执行。', 'A service behind Weibo failed; it may have been done.'),
  10004: action('addresses', '本系统的 IP 不在微博应用的白名单内。', "Our IP address is not on the app's white list."),
  10005: action('app', '该接口需要更高级别的应用权限。', 'This call needs a higher permission level.'),
  10006: action('app', '缺少 App Key，或访问令牌已过期。', 'The app key is missing, or the access token has expired.'),
  10007: permanent('operations', '微博不支持该媒体类型。', 'Weibo does not support this media type.'),
  10008: permanent('operations', '请求参数有误。', 'A parameter is wrong.'),
  10009: retry(30, '微博任务过多，系统繁忙。', 'Weibo is busy.'),
  10010: doubt('微博任务超时，不能确定是否已执行。', 'A Weibo job timed out; it may have been done.'),
  10011: doubt('微博内部调用出错，不能确定是否已执行。', 'A call inside Weibo failed; it may have been done.'),
  10012: permanent('operations', '微博认为请求非法。', 'Weibo calls the request illegal.'),
  10013: action('signIn', '该微博账号不是有效用户。', 'The account is no valid Weibo user.'),
  10014: action('app', '应用没有调用该接口的权限。', 'The app may not use this call.'),
  10016: permanent('operations', '请求缺少必需的参数。', 'A required parameter is missing.'),
  // The platform's table calls 10017 a bad parameter; `share` answers it for every post without a link of a safe domain.
  10017: action('domains', '正文没有微博应用安全域名下的链接。', "The text holds no link of the app's safe domains."),
  10018: permanent('picture', '请求超过微博允许的大小。', 'The request is larger than Weibo allows.'),
  10020: action('endpoint', '微博没有这个接口。', 'Weibo has no such call.'),
  10021: permanent('operations', '微博不接受该请求方法。', 'Weibo does not accept this method.'),
  10022: wait('hour', '本系统出口 IP 的请求超过微博限额。', 'Our address is over the Weibo limit.'),
  10023: wait('midnight', '该账号当日的请求超过微博限额。', "This account is over today's Weibo limit."),
  10024: wait('hour', '该账号对此接口的请求超过微博限额。', 'This account is over the Weibo limit for this call.'),
  10032: action('app', '微博应用的调用被限制。', "The app's calls are restricted."),

  // Posts.
  20001: permanent('operations', '微博要求提供编号。', 'Weibo asks for an id.'),
  20002: permanent('operations', '微博要求提供用户 UID。', 'Weibo asks for a uid.'),
  20003: action('signIn', '该微博用户不存在。', 'This Weibo user does not exist.'),
  20005: permanent('picture', '微博只接受 JPG、GIF、PNG 图片。', 'Weibo accepts only JPG, GIF and PNG pictures.'),
  20006: permanent('picture', '图片超过微博允许的大小。', 'The picture is larger than Weibo allows.'),
  20007: permanent('picture', '上传的请求里没有图片。', 'The upload holds no picture.'),
  20008: permanent('content', '微博正文为空。', 'The text is empty.'),
  20009: permanent('operations', '一次查询的编号过多。', 'Too many ids at once.'),
  20012: permanent('content', '微博正文超过 140 字。', 'The text has more than 140 characters.'),
  20013: permanent('content', '微博正文超过 300 字。', 'The text has more than 300 characters.'),
  20014: permanent('operations', '微博认为参数有误。', 'Weibo calls a parameter wrong.'),
  20015: action(
    'signIn',
    '微博认为账号、IP 或应用异常，暂不能发布。',
    'Weibo takes the account, address or app for irregular.',
  ),
  20016: wait('hour', '微博认为发布过于频繁。', 'Weibo calls the posts too frequent.'),
  20017: duplicate('微博认为与近期内容相似。', 'Weibo calls it similar to a recent post.'),
  20018: permanent('content', '正文含有微博认定的非法网址。', 'The text holds a link that Weibo forbids.'),
  20019: duplicate('微博认为与近期内容相同。', 'Weibo calls it the same as a recent post.'),
  20020: permanent('content', '微博认为正文含有广告。', 'Weibo takes the text for advertising.'),
  20021: permanent('content', '微博认为正文含有违规内容。', 'Weibo takes the text for illegal.'),
  20022: action('signIn', '微博认为本系统 IP 的行为异常。', "Weibo calls our address's behaviour irregular."),
  20031: action('signIn', '微博要求输入验证码。', 'Weibo asks for a captcha.'),
  20032: {
    class: 'delayed',
    cause: { zh: '微博已发出，一两分钟后可见。', en: 'Posted; it can be seen in a minute or two.' },
  },
  20049: permanent('content', '正文超过微博长文限制。', 'The text is over the long-text limit.'),
  20101: action('gone', '该微博不存在，可能已被删除。', 'The post does not exist; it may have been deleted.'),
  20102: action('gone', '该微博不属于此账号。', 'The post does not belong to this account.'),
  20103: permanent('operations', '不能转发自己的微博。', "One cannot repost one's own post."),
  20104: action('gone', '微博认为该内容不合法。', 'Weibo calls the post illegal.'),
  20109: permanent('operations', '微博编号为空。', "The post's id is empty."),
  20111: duplicate('微博不允许重复发布相同内容。', 'Weibo refuses the same post twice.'),
  20201: action('gone', '该评论不存在。', 'The comment does not exist.'),
  20202: action('gone', '微博认为该评论不合法。', 'Weibo calls the comment illegal.'),
  20203: action('gone', '该评论不属于此账号。', 'The comment does not belong to this account.'),
  20204: permanent('operations', '评论编号为空。', "The comment's id is empty."),
  20206: action('gone', '作者只允许关注的人评论。', 'The author lets only people they follow comment.'),
  20207: action('gone', '作者只允许可信用户评论。', 'The author lets only trusted users comment.'),

  // Authorisation. Web apps get no refresh token, so each of these needs the account's keeper.
  21301: reauthorise('微博授权认证失败。', 'Weibo did not accept the authorisation.'),
  21302: reauthorise('用户名或密码不正确。', 'Wrong name or password.'), // [R]
  21303: wait('hour', '微博认证次数超过限额。', 'Too many sign-ins.'), // [R]
  21314: reauthorise('访问令牌已被使用。', 'The access token has been used.'),
  21315: reauthorise('访问令牌已过期。', 'The access token has expired.'),
  21316: reauthorise('访问令牌已被撤销或不合法。', 'The access token was revoked or is not legal.'),
  21317: reauthorise('访问令牌被拒绝或不合法。', 'The access token was rejected or is not legal.'),
  21319: reauthorise('账号已取消对应用的授权。', 'The account has removed its authorisation of the app.'),
  21321: action('app', '未审核应用的用户数超过限制。', 'An unreviewed app has too many users.'),
  21322: action('redirect', '授权回调地址与应用设置不一致。', "The redirect address differs from the app's setting."),
  21323: action('app', '授权请求不合法。', 'The authorisation request is not valid.'),
  21324: action('app', 'App Key 或 App Secret 不正确。', 'The app key or secret is wrong.'),
  21325: action('authorise', '授权码无效、已用过或已过期。', 'The authorisation code is invalid, used or expired.'),
  21326: action('app', '应用未获得授权资格。', 'The app may not ask for authorisation.'),
  21327: reauthorise('访问令牌已过期。', 'The access token has expired.'),
  21328: action('app', '不支持该授权方式。', 'This grant type is not supported.'),
  21329: action('app', '不支持该授权应答方式。', 'This response type is not supported.'),
  21330: action('authorise', '账号或平台拒绝了授权。', 'The account or the platform has denied the authorisation.'),
  21331: retry(60, '微博授权服务暂不可用。', 'The Weibo authorisation service is not available.'),
  21332: reauthorise('访问令牌无效。', 'The access token is not valid.'),
  21335: action(
    'authorise',
    '该令牌只能读取授权账号自己的微博。',
    "The token reads only the authorised account's own posts.",
  ),
  21337: action('app', '应用授权受限。', "The app's authorisation is restricted."),
  21602: permanent('content', '正文含有微博的敏感词。', 'The text holds words that Weibo blocks.'),
};

/** A code never seen: neither success nor an endless retry, but a person's decision. */
export const unknownCode: Rule = action(
  'operations',
  '微博返回了未知的错误代码。',
  'Weibo answered with a code we do not know.',
);
