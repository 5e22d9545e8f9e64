import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { channel } from './adapter.js';
import { drawFeed } from './drawing.js';
import { ensureFeed, itemId, putItem, readItem, withdrawItem } from './feed.js';
import { loseFolder, openDesk, type Desk } from './fixtures/desk.js';
import { fileHash, keynote, pictureHash, policy, samples } from './fixtures/samples.js';
import type { AppPayload } from './payload.js';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const place = { slug: 'city', title: '示例市 & <政务>', language: 'zh-CN' };
const idOf = (name: string, feed = 'city') => itemId(name, { id: 'a0', settings: { feed } });
const payloadOf = (release = policy): AppPayload => channel.render(release, desk.account(0)).payload;
const read = async (name: string) => (await fetch(`${desk.hubUrl}/feeds/city/${name}`)).text();

/** JSON Feed 1.1, as its text demands it of an item and a feed. */
const jsonFeed = z.strictObject({
  version: z.literal('https://jsonfeed.org/version/1.1'),
  title: z.string().min(1),
  feed_url: z.url(),
  language: z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$/),
  items: z.array(
    z.strictObject({
      id: z.string().min(1),
      url: z.url(),
      title: z.string(),
      summary: z.string().min(1).optional(),
      content_html: z.string().min(1),
      image: z.url().optional(),
      date_published: z.iso.datetime({ offset: true }),
      date_modified: z.iso.datetime({ offset: true }).optional(),
      language: z.string(),
      authors: z.array(z.strictObject({ name: z.string().min(1) })).min(1),
      tags: z.array(z.string()).optional(),
      attachments: z
        .array(
          z.strictObject({
            url: z.url(),
            mime_type: z.string().regex(/^\w+\/.+/),
            title: z.string(),
            size_in_bytes: z.int(),
          }),
        )
        .optional(),
      _lianfa: z.looseObject({}),
    }),
  ),
});

const one = z.string().min(1);
/** RFC 4287: what a feed and an entry must have, and must not have twice. */
const atomFeed = z.object({
  feed: z.object({
    '@xmlns': z.literal('http://www.w3.org/2005/Atom'),
    id: z.url(),
    title: one,
    updated: z.iso.datetime(),
    author: z.array(z.object({ name: one })).min(1),
    link: z.array(z.object({ '@rel': z.literal('self'), '@href': z.url() })).length(1),
    entry: z
      .array(
        z.object({
          id: z.string().regex(/^urn:uuid:[0-9a-f-]{36}$/),
          title: one,
          updated: z.iso.datetime(),
          published: z.iso.datetime(),
          author: z.array(z.object({ name: one })).min(1),
          link: z
            .array(z.looseObject({ '@rel': z.enum(['alternate', 'enclosure']), '@href': z.url() }))
            .refine((links) => links.filter((link) => link['@rel'] === 'alternate').length === 1),
          content: z.object({ '@type': z.literal('html'), '#text': one }),
        }),
      )
      .default([]),
  }),
});

function parseAtom(text: string) {
  expect(XMLValidator.validate(text)).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    processEntities: true,
    htmlEntities: true,
    isArray: (name) => ['entry', 'author', 'link'].includes(name),
  });
  return atomFeed.parse(parser.parse(text));
}

it('is a valid JSON Feed and a valid Atom feed with every sample in it, and both say the same', async () => {
  for (const [name, release] of Object.entries(samples)) {
    desk.advance(60);
    await putItem(place, idOf(name), payloadOf(release), desk.call(name, release));
  }
  const feed = jsonFeed.parse(JSON.parse(await read('feed.json')));
  const atom = parseAtom(await read('feed.atom'));
  expect(feed.items.map((item) => item.title)).toEqual(
    Object.values(samples)
      .reverse()
      .map((release) => release.title),
  );
  expect(atom.feed.entry.map(({ id, title, published }) => ({ id, title, published }))).toEqual(
    feed.items.map(({ id, title, date_published }) => ({ id, title, published: date_published })),
  );
  expect(atom.feed.entry.map((entry) => entry.content['#text'].replace(/\s/g, ''))).toEqual(
    feed.items.map((item) => item.content_html.replace(/\s/g, '')),
  );
  expect(atom.feed.updated).toBe(feed.items[0]?.date_published);
  expect(new Set(feed.items.map((item) => item.id)).size).toBe(Object.keys(samples).length);
});

it('is valid while it is still empty', async () => {
  await ensureFeed(place, desk.call('x'));
  expect(jsonFeed.parse(JSON.parse(await read('feed.json'))).items).toEqual([]);
  expect(parseAtom(await read('feed.atom')).feed.entry).toEqual([]);
});

it('stays well-formed XML with characters that XML cannot hold', async () => {
  const nasty = { ...policy, title: 'a\u0000b\u000bc\ud800d<>&"', summary: ']]>\u0008' };
  await putItem(place, idOf('d1'), payloadOf(nasty), desk.call('d1', nasty));
  expect(parseAtom(await read('feed.atom')).feed.entry[0]?.title).toBe('abcd<>&"');
});

it('loses no item when many are written into one feed at once', async () => {
  const payload = payloadOf();
  await Promise.all(Array.from({ length: 40 }, (_, n) => putItem(place, idOf(`d${n}`), payload, desk.call(`d${n}`))));
  expect(jsonFeed.parse(JSON.parse(await read('feed.json'))).items).toHaveLength(40);
});

it('keeps the newest hundred, and brings an older one back when a newer is withdrawn', async () => {
  const payload = payloadOf();
  for (let n = 0; n < 103; n += 1) {
    desk.advance(1);
    await putItem(place, idOf(`d${n}`), payload, desk.call(`d${n}`));
  }
  const ids = async () => jsonFeed.parse(JSON.parse(await read('feed.json'))).items.map((item) => item.id);
  expect(await ids()).toHaveLength(100);
  expect(await ids()).not.toContain(`urn:uuid:${idOf('d2')}`);
  await withdrawItem('city', idOf('d50'), desk.call('d50', policy, { seq: 2 }));
  expect(await ids()).toHaveLength(100);
  expect(await ids()).toContain(`urn:uuid:${idOf('d2')}`);
  expect(await ids()).not.toContain(`urn:uuid:${idOf('d50')}`);
});

/** As another process meets the feed: with nothing in its memory. */
async function afresh<T>(work: (feed: typeof import('./feed.js')) => Promise<T>): Promise<T> {
  let result: Promise<T> | undefined;
  await jest.isolateModulesAsync(async () => {
    result = work(await import('./feed.js'));
    await result;
  });
  if (!result) throw new Error('nothing was done');
  return result;
}

it('keeps every item of two processes that publish into one feed, and both see the same', async () => {
  const payload = payloadOf();
  await afresh((theirs) =>
    Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        await putItem(place, idOf(`ours${n}`), payload, desk.call(`ours${n}`));
        await theirs.putItem(place, idOf(`theirs${n}`), payload, desk.call(`theirs${n}`));
      }),
    ),
  );
  const keys = Array.from({ length: 40 }, (_, n) => [`ours${n}`, `theirs${n}`]).flat();
  expect(new Set(jsonFeed.parse(JSON.parse(await read('feed.json'))).items.map((item) => item.id))).toEqual(
    new Set(keys.map((key) => `urn:uuid:${idOf(key)}`)),
  );
  await afresh(async (later) => {
    for (const key of keys)
      expect((await later.readItem(desk.call('x').records, 'city', idOf(key)))?.shown).toBeDefined();
  });
});

it('lets the first of two processes at one item be the first for both', async () => {
  const payload = payloadOf();
  await afresh((theirs) =>
    Promise.all([
      putItem(place, idOf('d1'), payload, desk.call('d1')),
      theirs.putItem(place, idOf('d1'), payload, desk.call('d1')),
    ]),
  );
  const seen = await readItem(desk.call('x').records, 'city', idOf('d1'));
  expect(await afresh((later) => later.readItem(desk.call('x').records, 'city', idOf('d1')))).toEqual(seen);
  expect(jsonFeed.parse(JSON.parse(await read('feed.json'))).items).toHaveLength(1);
});

it("is drawn again where the channel's folder is gone, by a process that has never seen it", async () => {
  const release = { ...keynote, attachments: policy.attachments };
  await putItem(place, idOf('d1'), payloadOf(release), desk.call('d1', release));
  await putItem(place, idOf('d2'), payloadOf(), desk.call('d2'));
  await withdrawItem('city', idOf('d2'), desk.call('d2', policy, { seq: 2 }));
  await loseFolder(desk.folder);
  await afresh(async (later) => {
    expect(await later.readItem(desk.call('x').records, 'city', idOf('d1'))).toHaveProperty('shown');
    expect(await later.readItem(desk.call('x').records, 'city', idOf('d2'))).not.toHaveProperty('shown');
  });
  const [item, ...more] = jsonFeed.parse(JSON.parse(await read('feed.json'))).items;
  expect([item?.id, more]).toEqual([`urn:uuid:${idOf('d1')}`, []]);
  for (const { url } of item?.attachments ?? []) expect((await fetch(url)).status).toBe(200);
  expect((await fetch(item?.image ?? '')).status).toBe(200);
  expect((await fetch(item?.url ?? '')).status).toBe(200);
});

it('keeps the content of a release once, however many feeds show it', async () => {
  const payload = payloadOf(keynote);
  const { records } = desk.call('x');
  const feeds = ['east', 'west', 'north'];
  for (const slug of feeds) await putItem({ ...place, slug }, idOf(slug, slug), payload, desk.call(slug, keynote));
  expect(await records.list('article:', { limit: 9 })).toHaveLength(1);
});

it('adds one record a publication, and none for a repeat', async () => {
  const { records } = desk.call('x');
  const entries = async () => (await records.list('log:city:', { limit: 9 })).length;
  await putItem(place, idOf('d1'), payloadOf(), desk.call('d1'));
  await putItem(place, idOf('d1'), payloadOf(), desk.call('d1'));
  expect(await entries()).toBe(1);
  await withdrawItem('city', idOf('d1'), desk.call('d1', policy, { seq: 2 }));
  await withdrawItem('city', idOf('d1'), desk.call('d1', policy, { seq: 2 }));
  expect(await entries()).toBe(2);
});

it('draws a feed again only when it has changed', async () => {
  await putItem(place, idOf('d1'), payloadOf(), desk.call('d1'));
  const first = await drawFeed(desk.call('x').records, desk.hubUrl, 'city', 'json', desk.call('x').now());
  expect(await drawFeed(desk.call('x').records, desk.hubUrl, 'city', 'json', desk.call('x').now())).toBe(first);
  await putItem(place, idOf('d2'), payloadOf(), desk.call('d2'));
  expect((await drawFeed(desk.call('x').records, desk.hubUrl, 'city', 'json', desk.call('x').now()))?.etag).not.toBe(
    first?.etag,
  );
});

it('keeps the first date of an item that is published again', async () => {
  await putItem(place, idOf('d1'), payloadOf(), desk.call('d1'));
  const first = await read('feed.json');
  desk.advance(3_600);
  await putItem(place, idOf('d1'), payloadOf(), desk.call('d1'));
  expect(await read('feed.json')).toBe(first);
});

const mediumAt = async (name: string) => fetch(`${desk.hubUrl}/feeds/city/media/${name}`);

it("shows pictures in the feed's variant and attachments beside it, and takes away only what nothing else shows", async () => {
  const both = { ...keynote, attachments: policy.attachments };
  await putItem(place, idOf('d1'), payloadOf(both), desk.call('d1', both));
  await putItem(place, idOf('d2'), payloadOf(keynote), desk.call('d2', keynote));
  expect(await read(`media/${pictureHash}.jpg`)).toContain(' feed ');
  expect(await read(`media/${fileHash}.docx`)).toContain(' original ');
  const item = jsonFeed.parse(JSON.parse(await read('feed.json'))).items.find(({ id }) => id.endsWith(idOf('d1')));
  expect(item?.image).toBe(`${desk.hubUrl}/feeds/city/media/${pictureHash}.jpg`);
  expect(item?.content_html).not.toContain('media:');
  await withdrawItem('city', idOf('d1'), desk.call('d1', policy, { seq: 2 }));
  expect((await mediumAt(`${fileHash}.docx`)).status).toBe(404);
  expect((await mediumAt(`${pictureHash}.jpg`)).status).toBe(200);
});

it('lets go of the pictures that an item shows no more, and of none under another name than its own', async () => {
  await putItem(place, idOf('d1'), payloadOf(keynote), desk.call('d1', keynote));
  expect((await mediumAt(`${pictureHash}.png`)).status).toBe(404);
  await putItem(place, idOf('d1'), payloadOf(), desk.call('d1', policy, { seq: 2 }));
  expect((await mediumAt(`${pictureHash}.jpg`)).status).toBe(404);
  expect((await mediumAt(`${fileHash}.docx`)).status).toBe(200);
});

it('leaves a picture alone that another item shows, and one that the new text shows too', async () => {
  await putItem(place, idOf('d1'), payloadOf(keynote), desk.call('d1', keynote));
  await putItem(place, idOf('d2'), payloadOf(keynote), desk.call('d2', keynote));
  const corrected = { ...keynote, title: '更正' };
  await putItem(place, idOf('d1'), payloadOf(corrected), desk.call('d1', corrected, { seq: 2 }));
  await putItem(place, idOf('d2'), payloadOf(), desk.call('d2', policy, { seq: 2 }));
  expect((await fetch(`${desk.hubUrl}/feeds/city/media/${pictureHash}.jpg`)).status).toBe(200);
});

it('lets no older order in behind a newer one, however the two processes that write them meet', async () => {
  const corrected = { ...policy, title: '更正后的标题' };
  await afresh(async (theirs) => {
    const late = desk.call('d1', policy, {
      // The newer one comes while the older stands at its open door.
      leave: () =>
        theirs.putItem(place, idOf('d1'), payloadOf(corrected), desk.call('d1', corrected, { seq: 2 })).then(),
    });
    await expect(putItem(place, idOf('d1'), payloadOf(), late)).rejects.toThrow('overtaken');
    await expect(putItem(place, idOf('d1'), payloadOf(), desk.call('d1'))).rejects.toThrow('overtaken');
    await expect(withdrawItem('city', idOf('d1'), desk.call('d1'))).rejects.toThrow('overtaken');
  });
  const items = jsonFeed.parse(JSON.parse(await read('feed.json'))).items;
  expect(items.map(({ title }) => title)).toEqual(['更正后的标题']);
});

it('moves a changed item to the front, with its first date and the date of its change', async () => {
  for (const name of ['d1', 'd2']) {
    await putItem(place, idOf(name), payloadOf(), desk.call(name));
    desk.advance(60);
  }
  const corrected = { ...policy, title: '更正后的标题' };
  await putItem(place, idOf('d1'), payloadOf(corrected), desk.call('d1', corrected, { seq: 2 }));
  const [first, second, ...more] = jsonFeed.parse(JSON.parse(await read('feed.json'))).items;
  expect([first?.title, first?.id, more]).toEqual(['更正后的标题', `urn:uuid:${idOf('d1')}`, []]);
  expect(Date.parse(first?.date_published ?? '')).toBeLessThan(Date.parse(second?.date_published ?? ''));
  const [entry] = parseAtom(await read('feed.atom')).feed.entry;
  expect([entry?.published, entry?.updated]).toEqual([first?.date_published, first?.date_modified]);
});

it('shows nothing of the content of a withdrawn item', async () => {
  await putItem(place, idOf('d1'), payloadOf(), desk.call('d1'));
  await withdrawItem('city', idOf('d1'), desk.call('d1', policy, { seq: 2 }));
  const page = await fetch(`${desk.hubUrl}/feeds/city/items/${idOf('d1')}`);
  expect([page.status, (await page.text()).includes('入学')]).toEqual([410, false]);
  expect(await read('feed.json')).not.toContain('入学');
  expect((await mediumAt(`${fileHash}.docx`)).status).toBe(404);
});
