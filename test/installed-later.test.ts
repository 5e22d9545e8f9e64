/** A channel installed after pictures came in finds them made for it. */
import sharp from 'sharp';
import { ingest } from '../core/media/library.js';
import { prepareMedium } from '../core/media/prepare.js';
import { mediaReader } from '../core/media/reader.js';
import { openTestHub, type TestHub } from './support/hub.js';

let test: TestHub;
beforeEach(async () => {
  test = await openTestHub();
});
afterEach(() => test.close());

it('makes its picture variants of what was there before, at the start of the media role, and only those', async () => {
  const { hub } = test;
  const { library } = hub;
  const bytes = await sharp({ create: { width: 900, height: 600, channels: 3, background: '#369' } })
    .jpeg()
    .toBuffer();
  const { _id } = await ingest(hub.store, library, { bytes, name: '现场.jpg', by: 'u1', unit: '' });
  await prepareMedium(hub.store, hub.channels, library, _id);
  const before = (await hub.store.media.findById(_id).lean())?.variants ?? [];
  expect(before).not.toContain('toy.card');

  const toy = hub.channels.get('toy');
  if (!toy) throw new Error('no toy channel');
  const rules = toy.limits.pictures;
  rules['card'] = { maxBytes: 50_000, maxEdge: 300, formats: ['jpeg'] };
  try {
    test.start('media');
    await test.until('the variant', async () =>
      Boolean((await hub.store.media.findById(_id).lean())?.variants.includes('toy.card')),
    );
    expect(await hub.store.media.findById(_id).lean()).toMatchObject({
      state: 'ready',
      variants: [...before, 'toy.card'],
    });
    expect((await mediaReader(library, 'toy').read(_id, 'card')).width).toBe(300);
    await test.until('an empty queue', async () => ((await hub.queues.depths()).get('media') ?? 0) === 0);
  } finally {
    delete rules['card'];
  }
});
