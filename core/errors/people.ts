/** People, roles and signing in. */
import type { Entry } from './entry.js';

export const people = {
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
} as const satisfies Record<string, Entry>;
