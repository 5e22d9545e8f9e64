/** What the platform sent back, made into new credentials of the account, or into a sentence that says why not. */
import type { Said } from '../channels/channel.js';
import type { AccountRow } from '../core/model/account.js';
import { checkAccount } from '../core/accounts/check.js';
import { openAccount } from '../core/accounts/open.js';
import type { AuthorisationBody } from './contract/accounts.js';
import type { Services } from './services.js';

interface Returned {
  account: string;
  code: string | undefined;
  /** OAuth 2's own word, e.g. `access_denied`. */
  error: string | undefined;
  redirect: string;
  /** Who began it. */
  user: string;
}

type Means = Pick<Services, 'store' | 'channels' | 'vault' | 'callFor' | 'log'>;

/** Changes the account only where new credentials came. Throws only what the store throws. */
export async function redeemAuthorisation(
  means: Means,
  { account: id, code, error, redirect, user }: Returned,
): Promise<AuthorisationBody> {
  const { store, channels, vault, callFor, log } = means;
  const row = await store.accounts.findById(id).lean();
  const channel = row && channels.get(row.channel);
  if (!row || !channel?.authorise)
    return failed(
      id,
      { zh: '该账号已不存在。', en: 'The account is no longer there.' },
      { zh: '请刷新账号页核对。', en: 'Reload the accounts page and check.' },
    );
  if (code === undefined)
    return error === 'access_denied'
      ? refused(row)
      : failed(
          id,
          { zh: `平台没有给出授权（${plain(error)}）。`, en: `The platform gave no authorisation (${plain(error)}).` },
          again,
        );

  const call = callFor(channel, AbortSignal.timeout(channel.limits.publishSeconds * 1000));
  let sealed: string;
  try {
    const credentials = await channel.authorise.redeem(
      openAccount(channel, row, row.organization, vault),
      { code, redirect },
      call,
    );
    sealed = vault.seal(id, channel.accountSchema.credentials.parse(credentials));
  } catch (thrown) {
    const disposition = channel.classify(thrown, call.now());
    log.warn({ account: id, by: user, platform: disposition.platform }, 'authorisation not redeemed');
    return failed(
      id,
      withCode(disposition.cause, disposition.platform?.code),
      'todo' in disposition ? disposition.todo : again,
    );
  }

  // Somebody may have imported other credentials meanwhile; theirs are newer than what this began with.
  const { matchedCount } = await store.accounts.updateOne(
    { _id: id, sealed: row.sealed },
    { $set: { sealed, credential: { state: 'unchecked' }, checkDueAt: new Date() } },
  );
  if (matchedCount === 0)
    return failed(
      id,
      {
        zh: '授权期间该账号的凭据已被他人更换，以更换后的为准。',
        en: "Somebody replaced the account's credentials meanwhile; those were kept.",
      },
      again,
    );
  log.info({ account: id, by: user }, 'account authorised');
  return outcomeOf(
    row,
    await checkAccount({ store, vault, channel, call }, { ...row, sealed, credential: { state: 'unchecked' } }),
  );
}

function outcomeOf(
  { _id, name }: AccountRow,
  { state, daysLeft, cause, todo }: AccountRow['credential'],
): AuthorisationBody {
  if (state === 'ok')
    return {
      outcome: 'done',
      account: _id,
      said: {
        zh: `“${name}”已授权${daysLeft === undefined ? '' : `，有效期还剩 ${daysLeft} 天`}。`,
        en: `“${name}” is authorised${daysLeft === undefined ? '' : `; ${daysLeft} days left`}.`,
      },
    };
  return {
    outcome: 'unproven',
    account: _id,
    todo: todo ?? { zh: '请稍后点“立即检查”。', en: 'Press “Check now” in a while.' },
    said: {
      zh: `“${name}”的新授权已保存，但随后的检查没有通过：${cause?.zh ?? '原因不明。'}`,
      en: `The new authorisation of “${name}” is stored, but the check that followed did not pass: ${cause?.en ?? 'the cause is not known.'}`,
    },
  };
}

function refused({ _id, name }: AccountRow): AuthorisationBody {
  return {
    outcome: 'refused',
    account: _id,
    said: {
      zh: `在平台上选择了拒绝，“${name}”的授权没有变化。`,
      en: `The authorisation was refused on the platform; “${name}” is as it was.`,
    },
    todo: {
      zh: '如果是误操作，请再点一次“授权”并选择同意。',
      en: 'If that was a mistake, press “Authorise” again and agree.',
    },
  };
}

const again: Said = { zh: '请稍后在“账号”页重新点“授权”。', en: 'Press “Authorise” under Accounts again in a while.' };

function failed(account: string, cause: Said, todo: Said): AuthorisationBody {
  return {
    outcome: 'failed',
    account,
    said: { zh: `授权没有完成，账号没有变化：${cause.zh}`, en: `Not authorised, nothing has changed: ${cause.en}` },
    todo,
  };
}

function withCode({ zh, en }: Said, code: string | undefined): Said {
  return code === undefined ? { zh, en } : { zh: `${zh}（平台代码 ${code}）`, en: `${en} (platform code ${code})` };
}

/** A word out of an address, kept harmless and short. */
function plain(error: string | undefined): string {
  return error?.replace(/[^\w-]/g, '').slice(0, 40) || '没有说明 / no reason';
}
