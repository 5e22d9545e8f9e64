/** Out-of-band controls, JSON by POST on the control port. `appid` names the account; where it may be left out, all are meant. */
import { z } from 'zod';
import { addComment } from './comments.js';
import type { CallbackSender } from './callbacks.js';
import type { AccountState, Job, World } from './world.js';

const one = z.object({ appid: z.string() });

export function controlsOf(world: World, sender: CallbackSender): Record<string, (body: unknown) => unknown> {
  const account = (appid: string): AccountState => {
    const state = world.account(appid);
    if (!state) throw new Error(`no account ${appid}`);
    return state;
  };
  const job = (state: AccountState, id: string | undefined): Job => {
    const found = id === undefined ? [...state.jobs.values()].at(-1) : state.jobs.get(id);
    if (!found) throw new Error(`no publish_id or msg_id ${id ?? ''}`);
    return found;
  };
  const on =
    <T extends z.ZodType>(schema: T, work: (body: z.output<T>) => unknown) =>
    (body: unknown) =>
      work(schema.parse(body));

  return {
    /** Its tokens expire now: 42001. */
    'token/expire': on(one, ({ appid }) => {
      for (const token of account(appid).tokens) token.until = world.now();
    }),
    /** Its tokens are no longer accepted: 40001. */
    'token/invalidate': on(one, ({ appid }) => {
      for (const token of account(appid).tokens) token.invalid = true;
    }),
    /** Only these addresses get a token; without `addresses`, all do. */
    whitelist: on(one.extend({ addresses: z.array(z.string()).optional() }), ({ appid, addresses }) => {
      account(appid).whitelist = addresses;
    }),
    /** Rights that are taken away answer 48001 (comments: 88000). */
    rights: on(
      one.extend({
        publish: z.boolean().optional(),
        mass: z.boolean().optional(),
        comment: z.boolean().optional(),
        draft: z.boolean().optional(),
      }),
      ({ appid, ...rights }) => {
        Object.assign(
          account(appid).rights,
          Object.fromEntries(Object.entries(rights).filter(([, value]) => value !== undefined)),
        );
      },
    ),
    /** Calls a day; 0 answers 45009 (sendall: 45028) at once. */
    quota: on(one.extend({ call: z.string(), perDay: z.int().min(0) }), ({ appid, call, perDay }) => {
      account(appid).quotaLimits.set(call, perDay);
    }),
    /** What the next publications become: 0 success, 2 originality, 3 failed, 4 review. */
    outcome: on(
      one.extend({
        status: z.union([z.literal(0), z.literal(2), z.literal(3), z.literal(4)]),
        times: z.int().min(1).default(1),
      }),
      ({ appid, status, times }) => {
        account(appid).outcomes.push(...Array.from({ length: times }, () => status));
      },
    ),
    /** Signs of a title that the platform takes: its page says 32, most accounts take 64. */
    titles: on(z.object({ longest: z.int().min(1) }), ({ longest }) => {
      world.longestTitle = longest;
    }),
    /** How long publishing takes, milliseconds. */
    delay: on(z.object({ appid: z.string().optional(), ms: z.number().min(0).max(86_400_000) }), ({ appid, ms }) => {
      if (appid === undefined) world.delay = ms;
      else account(appid).delay = ms;
    }),
    /** What is being published ends now. */
    finish: on(one, ({ appid }) => {
      const state = account(appid);
      for (const running of state.jobs.values()) world.finish(state, running);
    }),
    /** What a second submit of a draft gets while the first is under way: the same publish, or a refusal with `code`. */
    'second-submit': on(
      z.object({
        appid: z.string().optional(),
        answer: z.enum(['same', 'refused']),
        code: z.int().default(53503),
      }),
      ({ appid, answer, code }) => {
        (appid === undefined ? world : account(appid)).secondSubmit = answer === 'same' ? { answer } : { answer, code };
      },
    ),
    /** The platform takes the article away: status 6. */
    ban: on(one.extend({ article_id: z.string().optional() }), ({ appid, article_id }) => {
      const state = account(appid);
      world.settle(state);
      const publication =
        article_id === undefined ? [...state.publications.values()].at(-1) : state.publications.get(article_id);
      if (!publication) throw new Error('no such article');
      publication.banned = true;
    }),
    /** What is public is changed behind the publisher's back, e.g. an empty or truncated text. */
    tamper: on(
      one.extend({ title: z.string().optional(), content: z.string().optional() }),
      ({ appid, title, content }) => {
        const state = account(appid);
        world.settle(state);
        const publication = [...state.publications.values()].at(-1);
        const [article] = publication?.articles ?? [];
        if (!publication || !article) throw new Error('no such article');
        publication.articles[0] = {
          ...article,
          ...(title !== undefined && { title }),
          ...(content !== undefined && { content }),
        };
      },
    ),
    /** Somebody works on the platform's own site: the newest draft is published by hand, or deleted. */
    hand: on(one.extend({ does: z.enum(['publish', 'delete']) }), ({ appid, does }) => {
      const state = account(appid);
      const draft = [...state.drafts.values()].at(-1);
      if (!draft) throw new Error('no draft');
      if (does === 'delete') state.drafts.delete(draft.id);
      else
        world.finish(state, {
          kind: 'publish',
          id: world.nextNumber(),
          dataId: world.nextNumber(),
          draft,
          readyAt: world.now(),
          outcome: 0,
          done: false,
        });
    }),
    /** A citizen comments. */
    comment: on(one.extend({ msg_data_id: z.string(), content: z.string() }), ({ appid, msg_data_id, content }) => ({
      user_comment_id: addComment(world, account(appid), msg_data_id, content),
    })),
    /** Where outcomes are sent; without `url`, nowhere. */
    callback: on(
      one.extend({ url: z.url().optional(), mode: z.enum(['plain', 'aes']).default('aes') }),
      ({ appid, url, mode }) => {
        account(appid).callback = url === undefined ? undefined : { url, mode };
      },
    ),
    /** Sends an outcome (again), late, several times, forged, or with an old timestamp. */
    'callback/send': on(
      one.extend({
        id: z.string().optional(),
        times: z.int().min(1).max(100).default(1),
        delay: z.number().min(0).default(0),
        forge: z.boolean().default(false),
        age: z.number().default(0),
      }),
      ({ appid, id, ...options }) => {
        const state = account(appid);
        world.settle(state);
        sender.send(state, job(state, id), options);
      },
    ),
    /** Every callback that was sent, with the answer's status (0: none). */
    'callback/log': () => ({ sent: sender.sent }),
  };
}
