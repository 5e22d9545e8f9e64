/**
 * Calls people out by what the store says is due, and keeps no timer of its own. Several may run at once: who claims a
 * message in the row sends it. The lanes do not know each other, so that no emergency stands behind what is routine.
 */
import { randomUUID } from 'node:crypto';
import type { Outbound } from '../../channels/outbound.js';
import type { Vault } from '../../core/accounts/vault.js';
import { makeCallouts } from '../../core/callouts/asking.js';
import { change } from '../../core/callouts/book.js';
import { ended, stepped, taken, type Outcome } from '../../core/callouts/protocol.js';
import { openSettings, type OpenedSettings } from '../../core/callouts/settings.js';
import { endSettled, stillAsking } from '../../core/callouts/watch.js';
import { letterOf, shortFields } from '../../core/callouts/words.js';
import { ladderOf, rostersOf, type Rosters } from '../../core/duty/book.js';
import type { Callout, CalloutMessage } from '../../core/model/callout.js';
import { lanes, type Lane } from '../../core/model/placement.js';
import { notify } from '../../core/notices/notices.js';
import { receiptAddress, receiptToken } from '../../core/receipts/links.js';
import { settleDue, type SettleMeans } from '../../core/receipts/settle.js';
import type { Store } from '../../core/store/store.js';
import type { SmsAdapter } from '../../sms/sms.js';
import { sendMail } from './mail.js';
import { openSteadyClock, type SteadyClock } from './steady-clock.js';
import { sendSms } from './text-message.js';
import { sendWebhook } from './webhook.js';

export interface CallerMeans extends SettleMeans {
  store: Store;
  vault: Vault;
  smsAdapters: ReadonlyMap<string, SmsAdapter>;
  http: Outbound;
  config: { url: string; allowInner: readonly string[] };
}

/** Callouts in one look, and messages under way at once in each lane. */
const together = 100;
const mostUnderWay = 64;
/** ms between looks whether callouts are still needed. */
const watchEvery = 10_000;

export interface Caller {
  /** Looks once in every lane; returns at once, and looks on where a look is under way. */
  look(): void;
  /** One whole look in a lane, with all that it sends. Returns how many callouts it moved. */
  once(lane: Lane): Promise<number>;
  close(): Promise<void>;
}

/** Intervals are lengths of time, so they are counted by a clock that nobody sets. */
export function openCaller(
  means: CallerMeans,
  report: (error: unknown) => void,
  clock: SteadyClock = openSteadyClock(means.store),
): Caller {
  const { store } = means;
  const { now, wall } = clock;
  const looking = new Map<Lane | 'watch', Promise<void>>();
  const underWay = new Map<Lane, Set<Promise<void>>>(lanes.map((lane) => [lane, new Set()]));
  let watched = -Infinity;

  async function lookIn(lane: Lane): Promise<number> {
    await clock.ready();
    while ((await makeCallouts(store, lane, now(), wall())) > 0);
    const due = await store.callouts
      .find({ lane, dueAt: { $lte: now() } })
      .sort({ dueAt: 1 })
      .limit(together)
      .lean<Callout[]>();
    if (due.length === 0) return 0;
    const asking = await stillAsking(store, due, now(), wall());
    const rosters = await rostersOf(store, [...new Set(asking.map(({ organization }) => organization))]);
    const settings = await openSettings(means);
    for (const row of asking) await move(row, lane, rosters, settings);
    return due.length;
  }

  async function move({ _id }: Callout, lane: Lane, rosters: Rosters, settings: OpenedSettings): Promise<void> {
    const ladder = (row: Callout) => ladderOf(rosters, row.organization, now());
    const { row, changed } = await change(store, _id, (known) => stepped(known, ladder(known), now()));
    if (changed && row.exhausted) await tellNobody(row);
    const token = randomUUID();
    let mine: CalloutMessage[] = [];
    const { row: claimed } = await change(store, _id, (known) => {
      const claim = taken(known, now(), token);
      mine = claim?.mine ?? [];
      return claim?.row;
    });
    const sending = underWay.get(lane) ?? new Set();
    for (const message of mine) {
      if (sending.size >= mostUnderWay) await Promise.race(sending);
      const one = send(claimed, message, settings)
        .then((outcome) => change(store, _id, (known) => ended(known, message.n, token, outcome, now())))
        // What failed here keeps its claim until that runs out; then it is taken over.
        .then(() => undefined, report)
        .finally(() => sending.delete(one));
      sending.add(one);
    }
  }

  async function send(row: Callout, message: CalloutMessage, settings: OpenedSettings): Promise<Outcome> {
    const { config, vault, http, smsAdapters } = means;
    const token = receiptToken(vault, row, message);
    const link = receiptAddress(config.url, token);
    const key = `${row._id}-${message.n}`;
    const letter = letterOf(row, message, link);
    const { webhook, mail, phone } = message.to;
    switch (message.way) {
      case 'webhook': {
        const body = JSON.stringify(webhookBody(row, message, link, letter.text));
        return sendWebhook(http, webhook ?? '', { id: key, at: new Date(), body }, settings.secrets.webhook);
      }
      case 'mail': {
        const server = settings.row?.mail;
        if (!server || mail === undefined) return notSetUp(mailName);
        const given = { settings: server, password: settings.secrets.mail, allowInner: config.allowInner };
        return sendMail(given, { to: mail, key, letter });
      }
      case 'sms': {
        const given = settings.row?.sms;
        const adapter = smsAdapters.get(given?.adapter ?? '');
        if (!given || !adapter || phone === undefined) return notSetUp(smsName);
        const provider = { adapter, settings: given.settings, credentials: settings.secrets.sms };
        const fields = shortFields(row, token, adapter.fieldLength, message.ended);
        return sendSms(provider, { to: phone, kind: message.kind, fields, key }, message, http);
      }
    }
  }

  /** All have been told, or there was nobody to tell: whoever runs the hub hears of it, once. */
  function tellNobody(row: Callout): Promise<void> {
    const anybody = row.messages.length > 0;
    const [first] = row.items.filter(({ state }) => state === 'open');
    const more = row.items.filter(({ state }) => state === 'open').length - 1;
    const title = {
      zh: `《${first?.title ?? ''}》${more > 0 ? `等 ${more + 1} 项` : ''}`,
      en: `"${first?.title ?? ''}"${more > 0 ? ` and ${more} more` : ''}`,
    };
    const mark = row.exercise ? { zh: '【演练】', en: '[Exercise] ' } : { zh: '', en: '' };
    return notify(store, {
      level: 'urgent',
      key: `callout ${row._id}`,
      ...(first && { account: first.account }),
      path: row.path,
      said: {
        zh: `${mark.zh}“${row.unitName}”的${title.zh}${anybody ? '叫应到最后一级仍无人确认' : '没有任何值班人员可以叫应'}。`,
        en: `${mark.en}${anybody ? 'Nobody has answered' : 'There is nobody to call'} for ${title.en} at ${row.unitName}.`,
      },
      todo: {
        zh: '请直接打电话，并在“值班”页补上值班表。',
        en: 'Telephone them, and fill the roster under Duty.',
      },
    });
  }

  async function watch(): Promise<void> {
    await clock.ready();
    await settleDue(means, now());
    if (now().getTime() - watched < watchEvery) return;
    await endSettled(store, now(), wall());
    await clock.keep((await store.callouts.exists({ state: 'calling' })) === null);
    watched = now().getTime();
  }

  function start(what: Lane | 'watch', work: () => Promise<unknown>): void {
    if (looking.has(what)) return;
    const running = work()
      .then(() => undefined, report)
      .finally(() => looking.delete(what));
    looking.set(what, running);
  }

  return {
    look() {
      for (const lane of lanes) start(lane, () => lookIn(lane));
      start('watch', watch);
    },
    async once(lane) {
      await watch();
      const moved = await lookIn(lane);
      await Promise.all(underWay.get(lane) ?? []);
      return moved;
    },
    async close() {
      await Promise.all(looking.values());
      await Promise.all([...underWay.values()].flatMap((sending) => [...sending]));
    },
  };
}

function webhookBody(row: Callout, { kind, to, n }: CalloutMessage, link: string, text: string): object {
  const { _id: callout, exercise = false, unitName: unit } = row;
  const items = row.items.map(({ id, release, placement, title, accountName: account, state }) => ({
    ...{ id, release, placement, title, account, state },
  }));
  return { type: `callout.${kind}`, exercise, callout, message: n, unit, to: to.name, text, link, items };
}

function notSetUp(way: { zh: string; en: string }): Outcome {
  const cause = {
    zh: `${way.zh}还没有设置，请运维在“值班”页设置。`,
    en: `${way.en} is not set up; let operations do so under Duty.`,
  };
  return { is: 'failed', cause, again: false };
}

const mailName = { zh: '邮件', en: 'mail' };
const smsName = { zh: '短信', en: 'text messages' };
