import { z } from 'zod';
import { readAnswer } from './answer.js';
import { clientFor } from './client.js';
import { openDesk, type Desk } from './fixtures/desk.js';
import { specimen } from './fixtures/samples.js';
import { standingCover } from './pictures.js';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const open = () => Promise.resolve();

function begin(n: number) {
  const { account, call } = desk.errand(desk.account(n), specimen({ revision: `client${n}` }));
  return { account, call, client: clientFor(account, call) };
}

it('updates, lists and deletes a draft', async () => {
  const { account, call, client } = begin(1);
  const { material } = await standingCover(account, client, call);
  const draft = await client.addDraft({ title: '一', content: '<p>甲</p>', thumb_media_id: material });
  await client.updateDraft(draft, { title: '二', content: '<p>乙</p>', thumb_media_id: material });
  expect(await client.getDraft(draft)).toMatchObject([{ title: '二', content: '<p>乙</p>' }]);
  expect(await client.listDrafts(0)).toMatchObject({ total_count: 1, item: [{ media_id: draft }] });
  await client.deleteDraft(draft, open);
  expect(await client.countDrafts()).toBe(0);
});

it("reads citizens' comments and answers them", async () => {
  const { account, call, client } = begin(2);
  const { material } = await standingCover(account, client, call);
  const { msg_data_id = '' } = await client.submit(
    await client.addDraft({ title: '一', content: '<p>甲</p>', thumb_media_id: material }),
    open,
  );
  await desk.control('comment', { appid: account.settings.appId, msg_data_id, content: '几点开门？' });
  const page = await client.listComments(msg_data_id);
  expect(page).toMatchObject({ comment_cnt: 1, comment: [{ user_comment_id: '1', content: '几点开门？' }] });
  await client.replyToComment(msg_data_id, '1', '八点半。');
  expect((await client.listComments(msg_data_id)).comment[0]?.reply).toMatchObject({ content: '八点半。' });
  await expect(client.replyToComment(msg_data_id, '1', '又答')).rejects.toMatchObject({ code: 88005 });
});

it('loses no digit of an id beyond 2^53, and reads a reply given as a list', () => {
  const answer = (text: string) => ({ status: 200, headers: {}, body: Buffer.from(text), text: () => text });
  expect(
    readAnswer('x', z.object({ publish_id: z.string() }), answer('{"errcode":0,"publish_id":9007199254740993}')),
  ).toEqual({ publish_id: '9007199254740993' });
  // Text that only looks like an id stays as it is.
  expect(readAnswer('x', z.object({ content: z.string() }), answer('{"content":"\\"publish_id\\":12"}'))).toEqual({
    content: '"publish_id":12',
  });
  expect(() => readAnswer('x', z.object({}), answer('{"errcode":40007,"errmsg":"invalid media_id"}'))).toThrow('40007');
  expect(() => readAnswer('x', z.object({ media_id: z.string() }), answer('{"errcode":0}'))).toThrow('HTTP 200');
});
