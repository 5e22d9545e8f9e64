/** Event templates without a store: what they let in, how they are filled in, what they hold on to. */
import { LianfaError } from '../errors.js';
import { readPlannedTime } from '../plans/planned-time.js';
import { stepped } from '../callouts/protocol.js';
import type { Rung } from '../duty/roster.js';
import type { Content, GivenFacts, TemplateUse } from '../model/event-template.js';
import type { Callout } from '../model/callout.js';
import { closeThreads } from '../threads/pool.js';
import { checkedContent, levelsOf } from './content.js';
import { questionsOf, readFacts } from './facts.js';
import { fill, joined } from './fill.js';
import { templateContent } from './fixtures/templates.js';
import { shippedTemplates } from './import.js';
import { refuseChangedLocks, type Held } from './locked.js';
import { fits } from './match.js';
import { sampleFacts } from './sample.js';
import { refuseLooser } from './stricter.js';
import { areaWords, momentWords, numberWords } from './written.js';

const now = new Date('2026-12-01T06:30:20Z');
const reading = { now, readTime: (written: string) => readPlannedTime(written, 'ends') };
const three = { 级别: '红色', 影响区域: '350100 福州市、白礁县', 截止时间: '2026年12月2日8时' };
const source = '青屿市人民政府';

afterAll(() => closeThreads());

/** Code, field and Chinese sentence of what is refused. */
function refusal(work: () => unknown): { code: string; field: string | undefined; zh: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof LianfaError) return told(error);
    throw error;
  }
  throw new Error('was not refused');
}
function told(error: LianfaError): { code: string; field: string | undefined; zh: string } {
  const { code, field, message } = error.toJSON();
  return { code, field, zh: message.zh };
}

describe('writing as Chinese texts do', () => {
  it('says a moment by figures, the minute where there is one, the year where it differs', () => {
    const onset = '2026-12-31T10:00:00.000Z';
    expect(momentWords(onset, { year: true })).toBe('2026年12月31日18时');
    expect(momentWords(onset, { year: false })).toBe('12月31日18时');
    expect(momentWords('2026-12-31T15:05:00Z', { year: true, after: onset })).toBe('12月31日23时5分');
    expect(momentWords('2026-12-31T16:00:00Z', { year: false, after: onset })).toBe('2027年1月1日0时');
  });
  it('says large numbers by 万 and 亿 where nothing is lost', () => {
    expect(['9999', '12000', '12345', '350000000', '5.6', '-20000'].map(numberWords)).toEqual([
      '9999',
      '1.2万',
      '12345',
      '3.5亿',
      '5.6',
      '-2万',
    ]);
  });
  it('joins places, and counts the others where there are many', () => {
    expect(areaWords(['甲县'])).toBe('甲县');
    expect(areaWords(['甲县', '乙区', '丙市'])).toBe('甲县、乙区和丙市');
    expect(areaWords(['甲县', '乙区', '丙市', '丁县', '戊区'], 4)).toBe('甲县、乙区、丙市、丁县等5地');
  });
});

describe('filling in', () => {
  it('makes three texts and the whole warning from three facts', () => {
    const content = templateContent('台风');
    const { title, short, long, spoken, emergency } = fill(content, readFacts(content, three, reading), source);
    expect(title.text).toBe('青屿市人民政府发布台风红色预警');
    expect(joined(short)).toBe('福州市和白礁县12月1日14时30分至12月2日8时有台风。留在室内。不要外出。');
    expect(joined(long)).toBe(
      '<p>预计到12月2日8时，福州市和白礁县有台风。</p><p>补充情况。</p><h2>防御指南</h2><p>1. 留在室内。</p><p>2. 不要外出。</p>',
    );
    expect(joined(spoken)).toBe('请注意，福州市和白礁县有台风。第一，留在室内。第二，不要外出。播送完毕。');
    expect(emergency).toMatchObject({
      level: 'red',
      event: '台风',
      areas: [{ code: '350100', name: '福州市' }, { name: '白礁县' }],
      onset: '2026-12-01T06:30:00.000Z',
      expires: '2026-12-02T00:00:00.000Z',
      urgency: 'Immediate',
      severity: 'Extreme',
      certainty: 'Likely',
      instruction: '留在室内。不要外出。',
    });
  });
  it('names every fact that is missing, at once', () => {
    const content = templateContent('台风');
    expect(refusal(() => readFacts(content, { 级别: '红' }, reading))).toEqual({
      code: 'template_facts_missing',
      field: 'facts.影响区域',
      zh: '填写模板还缺：影响区域、截止时间。',
    });
    expect(refusal(() => readFacts(content, {}, reading)).zh).toBe('填写模板还缺：级别、影响区域、截止时间。');
  });
  it('asks for urgency, severity and certainty where the template leaves them open, never guessing one', () => {
    const open = templateContent('台风', { levels: { red: { guide: ['留在室内。'] } } });
    expect(questionsOf(open).flatMap(({ name, optional }) => (optional ? [] : [name]))).toEqual([
      '影响区域',
      '截止时间',
      '紧迫程度',
      '严重程度',
      '确定程度',
    ]);
    const { 级别: _, ...two } = three;
    expect(refusal(() => readFacts(open, two, reading)).zh).toBe('填写模板还缺：紧迫程度、严重程度、确定程度。');
    const facts = readFacts(open, { ...two, 紧迫程度: '立即行动', severity: 'Severe', certainty: 'Likely' }, reading);
    expect(fill(open, facts, source).emergency).toMatchObject({ urgency: 'Immediate', severity: 'Severe' });
  });
  it('refuses what cannot be understood, what is over before it begins, and what nobody asked for', () => {
    const content = templateContent('台风');
    const of = (more: object) => refusal(() => readFacts(content, { ...three, ...more }, reading)).field;
    expect(of({ 级别: '蓝色' })).toBe('facts.级别');
    expect(of({ 截止时间: '明天' })).toBe('facts.截止时间');
    expect(of({ 截止时间: '2026-12-01 09:00' })).toBe('facts.截止时间');
    expect(of({ 风力: '12' })).toBe('facts.风力');
    expect(of({ 影响区域: { $ne: 1 } })).toBe('facts.影响区域');
  });
  it('leaves a passage out with the optional fact that it names, and writes numbers and times of its own facts', () => {
    const content = templateContent('地震', {
      facts: [
        { name: '人数', is: 'number' },
        { name: '集合时间', is: 'time', optional: true },
      ],
      long: [
        { text: '转移{{人数}}人。', locked: true },
        { text: '{{集合时间}}集合。', locked: false },
      ],
    });
    const long = (more: object) =>
      joined(fill(content, readFacts(content, { ...three, ...more }, reading), source).long);
    expect(long({ 人数: '12,000' })).toBe('<p>转移1.2万人。</p>');
    expect(long({ 人数: 800, 集合时间: '2026-12-01 20:00' })).toBe('<p>转移800人。</p><p>12月1日20时集合。</p>');
    expect(refusal(() => readFacts(content, { ...three, 人数: '很多' }, reading)).field).toBe('facts.人数');
  });
  it('takes a fact as words, whatever stands in it', () => {
    const content = templateContent('台风');
    const facts = readFacts(content, { ...three, 影响区域: '<img src=x onerror=1>{{级别}}' }, reading);
    expect(joined(fill(content, facts, source).long)).toContain('&lt;img src=x onerror=1&gt;{{级别}}有台风');
  });
});

describe('what a template may hold', () => {
  const withText = (text: string): unknown => ({ ...templateContent('台风'), short: [{ text, locked: true }] });
  it.each([
    '{{{影响区域}}}',
    '{{&影响区域}}',
    '{{#if 级别}}x{{/if}}',
    '{{#each 影响区域}}x{{/each}}',
    '{{影响区域.length}}',
    '{{../级别}}',
    '{{@root}}',
    '{{this}}',
    '{{lookup 级别 "constructor"}}',
    '{{> 级别}}',
    '{{! 注 }}',
    '{{constructor}}',
    '{{__proto__}}',
    '{{级别',
    '{{没有这个}}',
    '{{级别}}'.repeat(41),
  ])('refuses %s by the field in which it stands', (text) => {
    expect(refusal(() => checkedContent(withText(text)))).toMatchObject({
      code: 'field_invalid',
      field: 'short.0.text',
    });
  });
  it('takes the longest texts that it may hold in a moment', () => {
    const passage = { text: `{{级别}}${'字'.repeat(1_900)}`, locked: true };
    const content = templateContent('长', { long: Array.from({ length: 40 }, () => passage) });
    const before = process.cpuUsage();
    fill(content, readFacts(content, three, reading), source);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
  });
  it('refuses an own fact of a built-in name, an optional one in a locked passage, and no level at all', () => {
    const field = (more: object) => refusal(() => checkedContent({ ...templateContent('台风'), ...more })).field;
    expect(field({ facts: [{ name: '级别', is: 'text' }] })).toBe('facts.0.name');
    expect(
      field({ facts: [{ name: '风力', is: 'text', optional: true }], short: [{ text: '{{风力}}', locked: true }] }),
    ).toBe('short.0.text');
    expect(field({ levels: {} })).toBe('levels');
    expect(field({ facts: [{ name: '方式', is: 'choice' }] })).toBe('facts.0.choices');
  });
});

describe('what is locked', () => {
  const content = templateContent('台风');
  const facts = readFacts(content, three, reading);
  const use: TemplateUse = { id: 't', version: 1, facts };
  function held(more: Partial<Held> = {}, emergency: object = {}): Held {
    const made = fill(content, facts, source);
    return {
      title: made.title.text,
      body: joined(made.long).replaceAll('><', '>\n<'),
      source,
      emergency: { ...made.emergency, ...emergency },
      ...more,
    };
  }
  const check = (text: Held, of: Content = content, by: TemplateUse = use) =>
    refuseChangedLocks(of, by, text).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof LianfaError) return told(error);
        throw error;
      },
    );

  it('stands where free passages are written anew and others added', async () => {
    const body = held().body.replace('补充情况。', '东部<strong>最强</strong>。').concat('\n<p>又及。</p>');
    expect(await check(held({ body }, { spoken: `${held().emergency?.spoken ?? ''}再见。` }))).toBeUndefined();
  });
  it.each<[string, Held]>([
    ['标题', held({ title: '青屿市人民政府发布台风橙色预警' })],
    ['长文第1段“导语”', held({ body: held().body.replace('有台风', '有大风') })],
    [
      '长文第1段“导语”',
      held({ body: held().body.replace('<p>预计', '<p><s>预计').replace('有台风。</p>', '有台风。</s></p>') }),
    ],
    ['长文第3段“防御指南”', held({ body: held().body.replace(/<h2>.*/s, '') })],
    ['长文第3段“防御指南”', held({ body: held().body.replace(/^(<p>预计.*?)\n(.*)(<h2>.*)$/s, '$3$1$2') })],
    ['短文第1段“要点”', held({}, { short: '有台风。留在室内。不要外出。' })],
    ['口播第2段', held({}, { spoken: '请注意，福州市和白礁县有台风。播送完毕。' })],
  ])('names %s where it was changed, struck out, left out or moved', async (name, text) => {
    expect(await check(text)).toMatchObject({ code: 'template_locked', zh: `${name}已由事件模板锁定，与模板不一致。` });
  });
  it('holds the warning to the facts that the texts say, and to the settings that are locked', async () => {
    for (const [field, more] of [
      ['expires', { expires: '2026-12-03T00:00:00.000Z' }],
      ['level', { level: 'orange' }],
      ['areas', { areas: [{ name: '福州市' }] }],
      ['instruction', { instruction: '随意。' }],
      ['urgency', { urgency: 'Future' }],
    ] as const)
      expect(await check(held({}, more))).toMatchObject({ code: 'field_invalid', field: `emergency.${field}` });
    expect(await check(held({}, { category: 'Other', contact: '110' }))).toBeUndefined();
    expect((await check({ ...held(), emergency: undefined }))?.field).toBe('emergency');
  });
  it('is not got round by facts that a program leaves out or makes up', async () => {
    const own = templateContent('地震', {
      facts: [{ name: '方式', is: 'choice', choices: ['车', '船'] }],
      short: [{ text: '乘{{方式}}。', locked: true }],
    });
    const bare = (given: Partial<GivenFacts>): TemplateUse => ({ ...use, facts: { ...facts, ...given } });
    expect((await check(held(), own, bare({ own: {} })))?.code).toBe('template_facts_missing');
    expect((await check(held(), own, bare({ own: { 方式: '飞机' } })))?.field).toBe('facts.方式');
    const { expires: _, ...endless } = facts;
    expect((await check(held(), content, { ...use, facts: endless }))?.code).toBe('template_facts_missing');
  });
});

describe('a form of a unit below', () => {
  const above = templateContent('台风', { minutes: 5, facts: [{ name: '风力', is: 'text' }] });
  it('may add, lock more and be quicker', () => {
    const [first] = above.long;
    if (!first) throw new Error('no passage');
    const long = [first, { text: '本县补充。', locked: true }, ...above.long.slice(1)];
    const { red } = above.levels;
    expect(() => {
      refuseLooser(above, {
        ...above,
        name: '县',
        long,
        minutes: 3,
        levels: { red },
        locked: [...above.locked, 'category'],
      });
    }).not.toThrow();
  });
  it.each<[string, Partial<Content>]>([
    ['levels', { levels: { ...above.levels, red: { ...above.levels.red, guide: ['随意。'] } } }],
    ['urgency', { locked: ['guide', 'severity', 'certainty'] }],
    ['levels.blue', { levels: { ...above.levels, blue: { guide: ['留意。'] } } }],
    ['long', { long: above.long.map((one) => ({ ...one, locked: false })) }],
    ['long', { long: above.long.toReversed() }],
    ['spoken', { spoken: [{ text: '另一段。', locked: true }] }],
    ['title', { title: { text: '自己的标题', locked: true } }],
    ['minutes', { minutes: 6 }],
    ['facts', { facts: [] }],
    ['asksExpires', { asksExpires: false }],
    ['event', { event: '暴雨' }],
  ])('may not let go of %s', (field, more) => {
    expect(
      refusal(() => {
        refuseLooser(above, { ...above, ...more });
      }),
    ).toMatchObject({ code: 'template_looser', field });
  });
});

describe('those that come with the program', () => {
  const all = shippedTemplates().map((one) => checkedContent(one));
  it('cover what a province needs', () => {
    expect(all.map(({ event }) => event).sort()).toEqual(
      [
        '停水',
        '停电',
        '危化品泄漏',
        '台风',
        '地质灾害',
        '地震',
        '学校停课',
        '寒潮',
        '暴雨',
        '森林火险',
        '疫情',
        '高温',
      ].sort(),
    );
  });
  it.each(all.map((one) => [one.name, one] as const))(
    'fills %s in at every level with nothing left open',
    (_, content) => {
      for (const level of levelsOf(content)) {
        const facts = sampleFacts(content, now, level);
        const { title, short, long, spoken, emergency } = fill(content, facts, source);
        const texts = [title.text, joined(short), joined(long), joined(spoken)];
        for (const text of texts) expect(text).not.toMatch(/\{\{|undefined|。。|：。/);
        // With title, source and link it fits into a post of 140 characters.
        expect(joined(short).length).toBeLessThanOrEqual(95);
        expect(joined(spoken)).toContain('示例县和样本区');
        expect(content.levels[level]).toMatchObject({ urgency: emergency.urgency, severity: emergency.severity });
        expect(emergency.certainty).not.toBe('Unknown');
        const asked = questionsOf(content, level).filter(({ optional }) => !optional);
        expect(asked.length).toBeLessThanOrEqual(4);
      }
    },
  );
  it('are found by what alerts call the event', () => {
    const named = (event: string) => all.filter((one) => fits(one, event)).map(({ event: own }) => own);
    expect([
      named('台风红色预警'),
      named('Typhoon Warning'),
      named('强降雨'),
      named('ＴＹＰＨＯＯＮ'),
      named('海啸'),
    ]).toEqual([['台风'], ['台风'], ['暴雨'], ['台风'], []]);
  });
});

it('gives every way of a step its turn, although the template gives the step less (case 97)', () => {
  const called = { unit: 'u', unitName: '县', level: 0, step: 1, name: '甲', phone: '1' };
  const rung = (step: number, after: number): Rung => ({
    unit: 'u',
    unitName: '县',
    level: 0,
    step,
    people: [
      {
        called: { ...called, step },
        told: [
          { by: 'mail', after: 0 },
          { by: 'sms', after },
        ],
      },
    ],
  });
  const row = { state: 'calling', stepAt: now, minutes: 3, passed: [], messages: [], happened: [], receipts: [] };
  const next = stepped(row as unknown as Callout, [rung(1, 5), rung(2, 0)], now);
  expect(next?.messages.map(({ dueAt }) => (dueAt.getTime() - now.getTime()) / 60_000)).toEqual([0, 5]);
  expect((next?.stepAt?.getTime() ?? 0) - now.getTime()).toBe(6 * 60_000);
});
