import { commentsCreate, commentsReply, commentsShow, count } from '../client.js';
import { callFor, control, freshAccount, sandbox, short, useSandbox } from '../fixtures/errands.js';
import type { WeiboAccount } from '../settings.js';

useSandbox();

interface User {
  uid: string;
  token: string;
}

function tokenOf({ settings, credentials }: WeiboAccount): User {
  return { uid: settings.uid, token: credentials.accessToken };
}

/** The id of a new post. */
async function postOf({ token }: User): Promise<string> {
  const body = new URLSearchParams({
    access_token: token,
    status: '你好 https://www.x.gov.cn/articles/1',
    rip: '203.0.113.9',
  });
  const answer = (await (await fetch(`${sandbox.url}/2/statuses/share.json`, { method: 'POST', body })).json()) as {
    idstr: string;
  };
  return answer.idstr;
}

describe('comments by our client', () => {
  it('of readers are shown and answered, and counted', async () => {
    const account = freshAccount();
    const id = await postOf(tokenOf(account));
    await control('comment', { id, text: '请问几点开门？' });
    const { comments, total } = await commentsShow(account, callFor('c', short), id);
    expect([comments.map((comment) => comment.text), total]).toEqual([['请问几点开门？'], 1]);
    const answer = await commentsReply(account, callFor('c', short), id, comments[0]?.id ?? '', '上午8:30。');
    expect(answer.text).toBe('上午8:30。');
    await commentsCreate(account, callFor('c', short), id, '补充：周六不开。');
    expect((await commentsShow(account, callFor('c', short), id)).comments.map((comment) => comment.text)).toEqual([
      '补充：周六不开。',
      '上午8:30。',
      '请问几点开门？',
    ]);
    expect(await count(account, callFor('c', short), [id, '1'])).toEqual([
      { id, comments: 3, reposts: 0, attitudes: 0 },
    ]);
    expect(sandbox.accepted().map((entry) => entry.call)).toEqual([
      'statuses/share',
      'reader',
      'comments/reply',
      'comments/create',
    ]);
  });

  it('are refused under a post or comment that is not there, and beyond 140 characters', async () => {
    const account = freshAccount();
    await expect(commentsCreate(account, callFor('c', short), '1', 'x')).rejects.toMatchObject({ code: '20101' });
    const id = await postOf(tokenOf(account));
    await expect(commentsReply(account, callFor('c', short), id, '1', 'x')).rejects.toMatchObject({ code: '20201' });
    await expect(commentsCreate(account, callFor('c', short), id, '字'.repeat(141))).rejects.toMatchObject({
      code: '20012',
    });
  });
});

describe('comments over the wire', () => {
  type Json = Record<string, unknown>;
  const asked = async (
    user: User,
    path: string,
    body?: Record<string, string>,
  ): Promise<{ status: number; body: Json & { comments?: Json[]; total_number?: number } }> => {
    const answer = await fetch(`${sandbox.url}/2/${path}`, {
      headers: { authorization: `OAuth2 ${user.token}` },
      ...(body && { method: 'POST', body: new URLSearchParams(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Json };
  };
  const texts = ({ body }: { body: { comments?: Json[] } }): unknown[] =>
    body.comments?.map((comment) => comment['text']) ?? [];

  async function discussed() {
    const [author, reader] = [tokenOf(freshAccount()), tokenOf(freshAccount())];
    const id = await postOf(author);
    const said = async (user: User, comment: string): Promise<string> =>
      String((await asked(user, 'comments/create.json', { id, comment, rip: '203.0.113.9' })).body['idstr']);
    const cids = [
      await said(reader, '第一'),
      await said(reader, `@政务微博${author.uid.slice(-6)} 第二`),
      await said(author, '第三'),
    ];
    return { author, reader, id, cids };
  }

  it('are listed for who wrote them and under whose posts they stand, newest first, by page and by id', async () => {
    const {
      author,
      reader,
      id,
      cids: [first = '', second = '', third = ''],
    } = await discussed();
    const mention = `@政务微博${author.uid.slice(-6)} 第二`;
    expect(texts(await asked(author, 'comments/timeline.json'))).toEqual(['第三', mention, '第一']);
    expect(texts(await asked(reader, 'comments/timeline.json'))).toEqual([mention, '第一']);
    expect(texts(await asked(tokenOf(freshAccount()), 'comments/timeline.json'))).toEqual([]);
    const page = await asked(author, 'comments/timeline.json?count=2&page=2');
    expect(page.body).toMatchObject({
      total_number: 3,
      comments: [{ idstr: first, mid: first, user: { idstr: reader.uid }, status: { idstr: id } }],
    });
    expect(texts(await asked(author, `comments/timeline.json?since_id=${first}&max_id=${second}`))).toEqual([mention]);
    expect(texts(await asked(author, `comments/show.json?id=${id}&since_id=${second}`))).toEqual(['第三']);
    expect(texts(await asked(author, `comments/show.json?id=${id}&filter_by_author=2`))).toEqual([mention, '第一']);
    expect(texts(await asked(author, `comments/show.json?id=${id}&filter_by_author=1`))).toEqual([]);
    expect(third).toMatch(/^\d{16}$/);
    expect(await asked(author, 'comments/timeline.json?since_id=abc')).toMatchObject({
      status: 400,
      body: { error_code: 10008 },
    });
  });

  it('that mention an account are listed for it', async () => {
    const { author, reader } = await discussed();
    expect(texts(await asked(author, 'comments/mentions.json'))).toEqual([`@政务微博${author.uid.slice(-6)} 第二`]);
    expect(texts(await asked(reader, 'comments/mentions.json'))).toEqual([]);
  });

  it('are shown by their ids, at most fifty, those that are not there left out', async () => {
    const { author, cids } = await discussed();
    const { body } = await asked(author, `comments/show_batch.json?cids=${cids[2] ?? ''},1,${cids[0] ?? ''}`);
    expect(body).toMatchObject([{ text: '第三' }, { text: '第一' }]);
    expect(await asked(author, 'comments/show_batch.json')).toMatchObject({ status: 400, body: { error_code: 20204 } });
    expect(
      await asked(author, `comments/show_batch.json?cids=${Array.from({ length: 51 }, (_, n) => n + 1).join(',')}`),
    ).toMatchObject({ body: { error_code: 20009 } });
  });

  it('are deleted by who wrote them only, and once', async () => {
    const {
      author,
      reader,
      id,
      cids: [first = ''],
    } = await discussed();
    expect(await asked(author, 'comments/destroy.json', { cid: first })).toMatchObject({
      status: 400,
      body: { error_code: 20203 },
    });
    expect(await asked(reader, 'comments/destroy.json', { cid: first })).toMatchObject({
      status: 200,
      body: { idstr: first, text: '第一' },
    });
    expect(await asked(reader, 'comments/destroy.json', { cid: first })).toMatchObject({ body: { error_code: 20201 } });
    expect(await asked(reader, 'comments/destroy.json', {})).toMatchObject({ body: { error_code: 20204 } });
    expect((await asked(author, `comments/show.json?id=${id}`)).body.total_number).toBe(2);
    expect(await asked(author, `comments/destroy.json?cid=${first}`)).toMatchObject({ body: { error_code: 10021 } });
  });

  it('go with the post that they stand under', async () => {
    const { author, id } = await discussed();
    await asked(author, 'statuses/destroy.json', { id });
    expect(texts(await asked(author, 'comments/timeline.json'))).toEqual([]);
  });
});
