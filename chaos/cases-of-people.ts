/** What people and other systems do in the night of a broadcast. */
import { setTimeout as pause } from 'node:timers/promises';
import { signIn, type Seat, type Written } from '../bench/two-people.js';
import { watch } from '../bench/viewers.js';
import { openFreezeDesk } from '../core/freezes/desk.js';
import { newId } from '../core/ids.js';
import { addPerson } from '../core/people/add.js';
import { createApiKey } from '../core/people/api-keys.js';
import type { ReleaseSaved } from '../server/contract/releases.js';
import type { SurveyBody } from '../server/contract/audiences.js';
import { capOf, type CapMessage } from './cap-message.js';
import type { BadCase, Stage } from './stage.js';

/** Messages of a flood, and how many are handed in at once. */
const flood = { messages: 200, together: 20 };

/** What is answered to a message that was handed in. */
interface Handed {
  outcome: string;
  releases: string[];
}

interface Office {
  hand(change?: Partial<CapMessage>): Promise<Handed>;
  message: CapMessage;
}

/** A source that is known to the hub. */
async function openOffice({ world, title }: Stage): Promise<Office> {
  const sender = `${newId('s')}@weather.example`;
  const operator = await signIn(world.hub.config.url, 'the-operator');
  const commander = await signIn(world.hub.config.url, 'the-commander');
  await operator.ask('POST', '/alert-sources', { sender, name: '示例省气象台' });
  const sent = new Date(Math.floor(Date.now() / 1_000) * 1_000);
  const expires = new Date(sent.getTime() + 6 * 3_600_000);
  const message = { sender, identifier: newId('m'), headline: title('甲', 1), sent, expires };
  return { message, hand: (change = {}) => commander.hand(capOf({ ...message, ...change })) };
}

/** The draft that was made of a message, as it is now. */
async function draftOf({ people }: Stage, id: string): Promise<Written> {
  const { revision } = await people.writer.ask<ReleaseSaved['release']>('GET', `/releases/${id}`);
  return { release: id, revision: revision.id };
}

async function third({ world }: Stage): Promise<Seat> {
  return signIn(world.hub.config.url, 'the-commander');
}

export const ofPeople: readonly BadCase[] = [
  {
    name: 'cap-flood',
    said: { zh: `同一条 CAP 来文涌来 ${flood.messages} 次`, en: `One message of CAP comes ${flood.messages} times.` },
    outcome: {
      zh: '只成一份草稿，签发后各账号只发一次。',
      en: 'It makes one draft, which is sent once when it is signed.',
    },
    async run(stage) {
      const { hand } = await openOffice(stage);
      const answers: Handed[] = [];
      for (let sent = 0; sent < flood.messages; sent += flood.together)
        answers.push(...(await Promise.all(Array.from({ length: flood.together }, () => hand()))));
      const drafts = new Set(answers.flatMap(({ releases }) => releases));
      stage.requires(drafts.size === 1, `one draft, and not ${drafts.size}`);
      await stage.sendWritten('甲', await draftOf(stage, [...drafts][0] ?? ''));
    },
  },
  {
    name: 'update-first',
    said: { zh: '续报先于首报到达', en: 'An update comes before its alert.' },
    outcome: {
      zh: '先等着首报，到齐后依次成稿，只发最新的一版。',
      en: 'It waits for its alert, both become revisions in their order, and the newest is sent.',
    },
    async run(stage) {
      const { hand, message } = await openOffice(stage);
      const { identifier, sent } = message;
      const later = { identifier: newId('m'), sent: new Date(sent.getTime() + 60_000), updates: { identifier, sent } };
      const early = await hand({ ...later, headline: stage.title('甲', 1) });
      stage.requires(early.releases.length === 0, 'no draft was made of an update alone');
      const { releases } = await hand({ headline: stage.title('甲', 9) });
      stage.requires(releases.length === 1, 'one draft was made of both');
      await stage.sendWritten('甲', await draftOf(stage, releases[0] ?? ''));
    },
  },
  {
    name: 'expired',
    said: { zh: '来文到达时已过期', en: 'A message has expired when it arrives.' },
    outcome: {
      zh: '照样成稿并标明，签发被拒，没有账号收到。',
      en: 'It becomes a draft that says so; signing it is refused, and no account gets it.',
    },
    async run(stage) {
      const { hand } = await openOffice(stage);
      const past = (hours: number): Date => new Date(Math.floor(Date.now() / 1_000) * 1_000 - hours * 3_600_000);
      const { releases } = await hand({ sent: past(9), expires: past(3) });
      const written = await draftOf(stage, releases[0] ?? '');
      const refused = await stage.people.broadcast(written, { tags: [stage.tag] }).then(
        () => false,
        (error: unknown) => /: 4\d\d /.test(String(error)),
      );
      stage.requires(refused, 'it was refused');
      const taken = stage.platforms.taken.filter(({ subject }) => subject.includes(stage.title('甲', 1)));
      stage.requires(taken.length === 0, 'no platform has heard of it');
    },
  },
  {
    name: 'second-broadcast',
    said: {
      zh: '第一件联动发布途中又发第二件，第一件再续报',
      en: 'A second broadcast during the first, and an update of the first.',
    },
    outcome: { zh: '两件都到每个账号，各自不乱序。', en: 'Each account gets both, each in its order.' },
    async run(stage) {
      const first = await stage.send('甲');
      await stage.send('乙');
      await stage.revise(first);
    },
  },
  {
    name: 'two-commanders',
    said: { zh: '两位指挥同时按下第二次签发', en: 'Two commanders give the second signature together.' },
    outcome: {
      zh: '只成一道发布令，另一位得知是谁先签。',
      en: 'One order comes of it; the other is told who was first.',
    },
    async run(stage) {
      const { people, world } = stage;
      const written = await people.write(stage.title('甲', 1));
      const review = await people.submit(written, { tags: [stage.tag] });
      await people.sign(people.first, review);
      const both = [people.second, await third(stage)].map((signer) => people.sign(signer, review));
      const answers = await Promise.allSettled(both);
      const won = answers.filter(({ status }) => status === 'fulfilled').length;
      const orders = await world.hub.store.orders.countDocuments({ release: written.release });
      stage.requires(won === 1 && orders === 1, `one signed and one order, not ${won} and ${orders}`);
      stage.ordered('甲', written);
    },
  },
  {
    name: 'browser-offline',
    said: { zh: '指挥的浏览器断线又回来', en: 'The commander’s browser goes offline and comes back.' },
    outcome: {
      zh: '发送不受影响；回来后屏幕的数等于台账。',
      en: 'Sending goes on; the screen then shows what the ledger says.',
    },
    async run(stage) {
      const { hub } = stage.world;
      const person = { name: newId('u'), displayName: '看屏', password: newId('p'), roles: ['commander'] as const };
      const key = await createApiKey(hub, 'screen', (await addPerson(hub, person))._id);
      let shown = Number.NaN;
      const look = (release: string) =>
        watch(hub.config.url, release, [key], 1, (_viewer, verified) => {
          shown = verified;
        });
      const release = await stage.send('甲');
      const before = await look(release.id);
      await stage.out(release, 0.1);
      before.stop();
      await pause(3_000);
      const after = await look(release.id);
      await stage.verified(release, () => true);
      for (let tries = 0; tries < 50 && shown !== stage.accounts.length; tries += 1) await pause(100);
      stage.requires(shown === stage.accounts.length, `the screen shows ${shown} of ${stage.accounts.length}`);
      after.stop();
    },
  },
  {
    name: 'freeze',
    said: { zh: '途中冻结，再由两人解冻', en: 'A freeze in the middle, and a thaw by two.' },
    outcome: {
      zh: '冻结确认后不再发出；解冻后其余各发一次。',
      en: 'Nothing leaves once it is acknowledged; thawed, the rest get it once.',
    },
    async run(stage) {
      const { hub } = stage.world;
      const freezes = openFreezeDesk(hub, hub.connect('producer'), hub.settings);
      const idOf = async (name: string) => (await hub.store.people.findOne({ name }).lean())?._id ?? '';
      const [one, other] = [await idOf('signer-2'), await idOf('the-commander')];
      for (const channel of ['weibo', 'wechat', 'website', 'app'])
        await stage.platforms.control(channel, 'latency', { ms: 400, spread: 400 });
      const release = await stage.send('甲');
      await stage.out(release, 0.05);
      const order = { scope: { kind: 'everything' }, emergencyToo: true, reason: '演练' } as const;
      const { freeze, acknowledgement } = await freezes.freeze(order, { person: one });
      stage.requires(acknowledgement?.acknowledged === true, 'every process has acknowledged it');
      // What had left before it may still arrive.
      await pause(3_000);
      const held = stage.platforms.taken.length;
      await pause(5_000);
      stage.requires(stage.platforms.taken.length === held, 'nothing was taken while it was frozen');
      await stage.explained(release);
      await freezes.askThaw(freeze._id, '演练结束', { person: one });
      await freezes.confirmThaw(freeze._id, { person: other });
    },
  },
  {
    name: 'unit-moved',
    said: { zh: '途中单位改名并改隶', en: 'The unit is renamed and moved in the middle.' },
    outcome: {
      zh: '已签发的照发，各账号一次；或写明须重新签发。',
      en: 'What was signed goes out once, or says that it must be signed again.',
    },
    unit: { organization: 'moving', path: 'chaos/moving/' },
    async run(stage) {
      await stage.world.hub.store.organizations.create({
        ...{ _id: 'moving', name: '示例市', path: 'chaos/moving/', region: '350000', parent: 'chaos' },
      });
      for (const channel of ['weibo', 'wechat', 'website', 'app'])
        await stage.platforms.control(channel, 'latency', { ms: 300, spread: 300 });
      const release = await stage.send('甲');
      await stage.out(release, 0.05);
      const admin = await signIn(stage.world.hub.config.url, 'the-admin');
      const moved = { id: 'moving', name: '新示例市', parent: null };
      await admin.ask('POST', '/organizations/import', { organizations: [moved] });
      const unit = await stage.world.hub.store.organizations.findById('moving').lean();
      stage.requires(unit?.path === 'moving/' && unit.name === moved.name, 'it has its new name and place');
      await stage.explained(release);
    },
  },
  {
    name: 'disabled-first',
    said: {
      zh: '范围里排在最前的四成账号和一个渠道的全部账号停用',
      en: 'The first four tenths of the accounts are switched off, and all of one channel.',
    },
    outcome: {
      zh: '其余全部送达；停用的列在缺口清单，不提前收场。',
      en: 'The rest are reached; those are in the gap list, and nothing ends early.',
    },
    async run(stage) {
      const inOrder = [...stage.accounts].sort((one, other) => (one.id < other.id ? -1 : 1));
      const off = new Set([
        ...inOrder.slice(0, inOrder.length * 0.4),
        ...inOrder.filter(({ channel }) => channel === 'app'),
      ]);
      await stage.world.hub.store.accounts.updateMany(
        { _id: { $in: [...off].map(({ id }) => id) } },
        { $set: { enabled: false } },
      );
      const { gaps } = await stage.people.first.ask<SurveyBody>('POST', '/audiences/survey', {
        audience: { tags: [stage.tag] },
      });
      const listed = gaps.find(({ kind }) => kind === 'switched_off')?.count;
      stage.requires(listed === off.size, `the gap list names ${listed ?? 0} of ${off.size}`);
      const release = await stage.send(
        '甲',
        inOrder.filter((account) => !off.has(account)),
      );
      await stage.verified(release, (account) => !off.has(account));
      stage.requires((await stage.rows(release)).length === inOrder.length - off.size, 'nobody else has it');
    },
  },
];
