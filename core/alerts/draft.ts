/**
 * An alert as the draft of a warning. What the draft does not carry is listed, one sentence a thing; what whoever signs
 * must look at is flagged; what the alert left unsaid is named in the draft, which is not signed before a person said it.
 */
import {
  categories,
  certainties,
  isRegionCode,
  responses,
  severities,
  unsaidFields,
  urgencies,
  type Area,
  type Emergency,
} from '../../channels/emergency.js';
import { readPolygon } from '../geography/shape.js';
import type { AlertRemark } from '../model/alert.js';
import { releaseInput, type ReleaseInput } from '../releases/input.js';
import { tidyLine, tidyText } from '../text.js';
import type { Alert, AlertArea, AlertInfo } from './alert.js';
import { levelIn, levelOf } from './level.js';

export interface Draft {
  input: ReleaseInput;
  remarks: AlertRemark[];
}

/** What the draft follows. */
export interface Before {
  /** What the release said last. */
  emergency: Emergency | undefined;
  /** Whether any of it was signed: only then there is something to update or to lift. */
  signed: boolean;
}

const mostAreas = 500;
/** Of how many areas the first polygons are looked at for crossings: it takes milliseconds each. */
const mostLookedAt = 20;
/** Characters of all shapes together: the draft goes to the editor and to every channel with them. */
const mostShapes = 2_000_000;

/** `source`: what the sender is called here. @throws LianfaError field_invalid for what no draft can hold, as a year beyond 9999 */
export function draftOf(alert: Alert, source: string, before?: Before): Draft {
  const remarks = new Remarks();
  const { base, same, others } = chosen(alert.infos);
  tellEnvelope(alert, remarks);
  for (const other of others)
    remarks.left(
      `另有 ${other.language} 的一份（“${short(other.headline ?? other.event)}”）没有放进草稿，可在来文原文中取用。`,
      `Another block in ${other.language} ("${short(other.headline ?? other.event)}") is not in the draft; it stands in the raw message.`,
    );
  const language = languageOf(base);
  const unsaid = new Set<(typeof unsaidFields)[number]>();
  const emergency = emergencyOf({ alert, base, same, before, remarks, unsaid });
  const content = textOf(base, same, remarks);
  if (!content) unsaid.add('text');
  const title = cut(base?.headline ?? titleOf(emergency, unsaid), 200, '标题', 'headline', remarks);
  flagWords(alert, `${title}\n${content}\n${emergency.instruction ?? ''}`, emergency, unsaid, remarks);
  const input = releaseInput.parse({
    title,
    kind: 'emergency',
    language,
    source: tidyLine(base?.senderName ?? source).slice(0, 100) || alert.sender.slice(0, 100),
    body: { format: 'text', content },
    emergency: { ...emergency, ...(unsaid.size > 0 && { unsaid: unsaidFields.filter((field) => unsaid.has(field)) }) },
  });
  return { input, remarks: remarks.list };
}

/** Of more there is nobody who would read them; their number is told. */
const mostRemarks = 200;

class Remarks {
  readonly #told: AlertRemark[] = [];
  #more = 0;

  left(zh: string, en: string): void {
    this.#tell({ is: 'left', said: { zh, en } });
  }

  flag(zh: string, en: string): void {
    this.#tell({ is: 'flag', said: { zh, en } });
  }

  note(zh: string, en: string): void {
    this.#tell({ is: 'note', said: { zh, en } });
  }

  #tell(remark: AlertRemark): void {
    if (this.#told.length < mostRemarks) this.#told.push(remark);
    else this.#more += 1;
  }

  /** What must be looked at stands first. */
  get list(): AlertRemark[] {
    const order = ['flag', 'left', 'note'];
    const told = [...this.#told].sort((one, other) => order.indexOf(one.is) - order.indexOf(other.is));
    if (this.#more === 0) return told;
    const more = {
      zh: `另有 ${this.#more} 条说明，请看来文原文。`,
      en: `${this.#more} more remarks: see the raw message.`,
    };
    return [...told, { is: 'flag', said: more }];
  }
}

const severest = (info: AlertInfo): number => [...severities].indexOf(info.severity as (typeof severities)[number]);

/** The blocks in the hub's language, of several the most severe first; and those in others. */
function chosen(infos: readonly AlertInfo[]): { base: AlertInfo | undefined; same: AlertInfo[]; others: AlertInfo[] } {
  const stem = (info: AlertInfo): string => info.language.toLowerCase().split('-')[0] ?? '';
  const own = infos.find((info) => stem(info) === 'zh') ?? infos[0];
  if (!own) return { base: undefined, same: [], others: [] };
  const same = infos.filter((info) => info.language.toLowerCase() === own.language.toLowerCase());
  const [base] = [...same].sort((one, other) => severest(one) - severest(other));
  return { base, same, others: infos.filter((info) => !same.includes(info)) };
}

function languageOf(base: AlertInfo | undefined): string {
  const said = base?.language ?? 'zh';
  if (/^zh/i.test(said)) return /hant|-tw|-hk|-mo/i.test(said) ? 'zh-Hant' : 'zh-Hans';
  return /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(said) ? said : 'en';
}

/** What stands beside the blocks. */
function tellEnvelope({ status, scope, signatures, ...alert }: Alert, remarks: Remarks): void {
  if (status !== 'Actual' && status !== 'Exercise')
    remarks.flag(
      `来文的性质是 ${status}（${statusWords[status]}），草稿按演练处理，任何时候都不能作为真实预警发布。`,
      `The alert's status is ${status}: the draft is a drill, and never goes out as a real warning.`,
    );
  if (status === 'Exercise') remarks.flag('演练：草稿始终是演练。', 'An exercise, and its draft stays one.');
  if (scope === 'Restricted')
    remarks.flag(
      `来文限定范围：${short(alert.restriction ?? '', 200)}。不能向公众发布。`,
      `Restricted: ${short(alert.restriction ?? '', 200)}. It does not go to the public.`,
    );
  if (scope === 'Private')
    remarks.flag(
      `来文只发给：${short(alert.addresses.join('、'), 200)}。不能向公众发布。`,
      `Private, to ${short(alert.addresses.join(', '), 200)}. It does not go to the public.`,
    );
  if (alert.msgType === 'Alert' && alert.references.length > 0)
    remarks.flag(
      `来文是新发布（Alert），却写着所指的前一条（references）：${short(named(alert.references), 200)}。没有接在那一条之后，请核对它是否其实是更新或解除。`,
      `It is a first alert (Alert) and yet names earlier ones (references): ${short(named(alert.references), 200)}. It was not joined to them: check whether it is in truth an update or a cancel.`,
    );
  if (signatures > 0)
    remarks.note(
      '来文带有 XML 数字签名，已随原文留存；系统没有核验它，不能作为来源可信的依据。',
      'An XML signature came with it and is kept with the raw bytes. It was not checked, and proves nothing here.',
    );
  const left: [string, string, string][] = [
    ['来源说明（source）', 'source', alert.source ?? ''],
    ['处理代码（code）', 'code', alert.codes.join('、')],
    ['备注（note）', 'note', status === 'Exercise' ? '' : (alert.note ?? '')],
    ['关联事件（incidents）', 'incidents', alert.incidents.join('、')],
  ];
  for (const [zh, en, said] of left)
    if (said) remarks.left(`${zh}没有放进草稿：${short(said)}`, `Not in the draft: ${en} (${short(said)}).`);
  if (scope === 'Public' && alert.addresses.length > 0)
    remarks.left('收件人（addresses）没有放进草稿。', 'Not in the draft: addresses.');
}

function named(references: Alert['references']): string {
  return references.map(({ sender, identifier }) => `${sender},${identifier}`).join(' ');
}

const statusWords = { System: '系统内部消息', Test: '技术测试', Draft: '草案' } as const;

interface Reading {
  alert: Alert;
  base: AlertInfo | undefined;
  same: readonly AlertInfo[];
  before: Before | undefined;
  remarks: Remarks;
  unsaid: Set<(typeof unsaidFields)[number]>;
}

function emergencyOf(reading: Reading): Emergency {
  const { alert, base, before, remarks, unsaid } = reading;
  const msgType = typeOf(reading);
  const lifted = msgType === 'Cancel';
  const areas = areasOf(reading);
  if (areas.length === 0) {
    unsaid.add('areas');
    remarks.flag(
      '来文没有写影响区域，签发前须由人填写。',
      'It names no area: a person fills it in before it is signed.',
    );
  }
  const times = timesOf(reading, lifted);
  const instruction = instructionOf(base, remarks);
  if (instruction === undefined && !lifted) {
    unsaid.add('instruction');
    remarks.flag(
      '来文没有写应对措施，签发前须由人填写（突发事件应对法第六十四条）。',
      'It does not say what people must do: a person fills it in before it is signed.',
    );
  }
  const note = alert.status === 'Actual' ? undefined : tidyLine(alert.note ?? '').slice(0, 200);
  return {
    status: alert.status === 'Actual' ? 'Actual' : 'Exercise',
    msgType,
    level: levelFor(reading, lifted),
    event: eventOf(base, before, remarks, unsaid),
    areas,
    ...times,
    ...choices(base, before, remarks),
    ...(instruction !== undefined && { instruction }),
    ...(note && { note }),
    ...(base?.contact !== undefined && { contact: cut(base.contact, 100, '联系方式', 'contact', remarks) }),
    references: [],
  };
}

/** Of an alert of which nothing was signed the public knows nothing: its update is what goes out first, and there is nothing to lift. */
function typeOf({ alert: { msgType }, before, remarks, unsaid }: Reading): Emergency['msgType'] {
  if (msgType !== 'Update' && msgType !== 'Cancel') return 'Alert';
  if (before?.signed) return msgType;
  if (msgType === 'Update') {
    remarks.note(
      '它更新的那一条还没有签发过，公众没有看到：签发后作为首次发布。',
      'What it updates was never signed, so the public has not seen it: this goes out as the first.',
    );
    return 'Alert';
  }
  unsaid.add('references');
  remarks.flag(
    '它解除的那一条还没有签发过：没有需要解除的发布，草稿不再签发即可。',
    'What it cancels was never signed: nothing is to be lifted, and nothing more is to be done.',
  );
  return msgType;
}

function levelFor({ base, before, remarks, unsaid }: Reading, lifted: boolean): Emergency['level'] {
  const said = base && levelOf(base);
  // A lifting names the warning that it lifts, whatever severity the sender gives to the lifting.
  if (lifted && before?.emergency && said?.by !== 'parameter') return before.emergency.level;
  if (!said) {
    unsaid.add('level');
    remarks.flag(
      `来文没有写预警级别（严重程度为 ${base?.severity ?? '空'}），签发前须由人选定。`,
      `It states no level (severity ${base?.severity ?? 'absent'}): a person chooses one before it is signed.`,
    );
    return before?.emergency?.level ?? 'blue';
  }
  const names = { red: '红色', orange: '橙色', yellow: '黄色', blue: '蓝色' };
  if (said.by === 'severity')
    remarks.note(
      `来文没有写颜色，按严重程度 ${base.severity} 定为${names[said.level]}。`,
      `It states no colour: ${said.level}, by its severity ${base.severity}.`,
    );
  const headline = levelIn((/[红橙黄蓝]色/.exec(base.headline ?? '') ?? [''])[0]);
  if (headline && headline !== said.level && !lifted)
    remarks.flag(
      `标题写的是${names[headline]}，级别却是${names[said.level]}，请核对。`,
      `The headline says ${headline}, the level is ${said.level}: please check.`,
    );
  return said.level;
}

const noEvent = '事件未说明';

function eventOf(
  base: AlertInfo | undefined,
  before: Before | undefined,
  remarks: Remarks,
  unsaid: Reading['unsaid'],
): string {
  if (base) return cut(base.event, 30, '事件名称', 'event', remarks);
  if (before?.emergency) return before.emergency.event;
  unsaid.add('event');
  remarks.flag(
    '来文没有正文（info），事件、级别、区域都须由人填写。',
    'It has no info block: a person fills everything in.',
  );
  return noEvent;
}

function titleOf({ event }: Emergency, unsaid: Reading['unsaid']): string {
  return unsaid.has('event') ? '外部来文：未写内容' : event;
}

function choices(base: AlertInfo | undefined, before: Before | undefined, remarks: Remarks): Partial<Emergency> {
  if (!base) return before?.emergency?.category ? { category: before.emergency.category } : {};
  const [category, ...further] = base.categories;
  const [response, ...more] = base.responseTypes;
  if (further.length > 0)
    remarks.left(
      `只取第一个类别，另有：${further.join('、')}`,
      `Of several categories the first: without ${further.join(', ')}.`,
    );
  if (more.length > 0)
    remarks.left(
      `只取第一个应对方式，另有：${more.join('、')}`,
      `Of several response types the first: without ${more.join(', ')}.`,
    );
  return {
    ...one('category', categories, category),
    ...one('responseType', responses, response),
    ...one('urgency', urgencies, base.urgency),
    ...one('severity', severities, base.severity),
    ...one('certainty', certainties, base.certainty),
  };
}

function one<K extends string, T extends string>(
  key: K,
  values: readonly T[],
  said: string | undefined,
): { [key in K]?: T } {
  const found = values.find((value) => value === said);
  return (found === undefined ? {} : { [key]: found }) as { [key in K]?: T };
}

/** It begins at `onset`, else `effective`, else when it was sent, as the standard has it. */
function timesOf({ alert, base, remarks, unsaid }: Reading, lifted: boolean): Pick<Emergency, 'onset' | 'expires'> {
  const { onset, effective, expires } = base ?? {};
  const end = expires === undefined ? undefined : instantOf(expires);
  if (lifted)
    return onset !== undefined && end !== undefined && end > instantOf(onset)
      ? { onset: instantOf(onset), expires: end }
      : {};
  const begins = instantOf(onset ?? effective ?? alert.sent);
  if (onset === undefined)
    remarks.note(
      '来文没有写起始时间，取它的生效或发送时间。',
      'It states no onset: taken is when it became effective or was sent.',
    );
  if (end === undefined) {
    unsaid.add('expires');
    remarks.flag(
      '来文没有写失效时间，签发前须由人填写。',
      'It states no expiry: a person fills it in before it is signed.',
    );
    return { onset: begins };
  }
  if (end <= instantOf(alert.sent))
    remarks.flag(
      '来文的失效时间早于它的发送时间，请向发文单位核实并改正。',
      'It had expired before it was sent: ask the sender, and correct the expiry.',
    );
  if (end <= begins) unsaid.add('expires');
  return { onset: begins, expires: end };
}

function instantOf(written: string): string {
  return new Date(written).toISOString();
}

function instructionOf(base: AlertInfo | undefined, remarks: Remarks): string | undefined {
  const said = tidyLine(base?.instruction ?? '');
  if (!said) return undefined;
  if (said.length <= 500) return said;
  const whole = said.slice(0, 500);
  const end = Math.max(...['。', '！', '；', '. ', '! '].map((sign) => whole.lastIndexOf(sign)));
  remarks.flag(
    '应对措施超过 500 字：完整的一份写在正文里，“应对措施”一栏只有开头，请核对。',
    'What to do is longer than 500 characters: all of it stands in the text, its beginning in the field. Please check.',
  );
  return end > 200 ? whole.slice(0, end + 1) : whole.slice(0, 499) + '…';
}

function areasOf({ same, base, before, alert, remarks }: Reading): Area[] {
  const ordered = base ? [base, ...same.filter((info) => info !== base)] : [];
  const all = ordered.flatMap(({ areas }) => areas);
  if (all.length === 0 && alert.msgType === 'Cancel') return before?.emergency?.areas ?? [];
  let room = mostShapes;
  const areas = all.slice(0, mostAreas).map((area) => {
    const size = [...area.polygons, ...area.circles].reduce((sum, shape) => sum + shape.length, 0);
    const fits = size <= room && area.polygons.every((shape) => shape.length <= 400_000);
    if (fits) room -= size;
    else
      remarks.left(
        `“${short(area.areaDesc)}”的图形太大，没有放进草稿，只有名称和区划码。`,
        `The shapes of "${short(area.areaDesc)}" are too large for the draft: it has the name and the codes.`,
      );
    return areaOf(fits ? area : { ...area, polygons: [], circles: [] }, all.length <= mostLookedAt, remarks);
  });
  if (all.length > mostAreas)
    remarks.left(
      `区域超过 ${mostAreas} 个，后面的 ${all.length - mostAreas} 个没有放进草稿。`,
      `More than ${mostAreas} areas: the last ${all.length - mostAreas} are not in the draft.`,
    );
  return merged(areas);
}

/** Areas of one name and code are one area of all their shapes. */
function merged(areas: readonly Area[]): Area[] {
  const byName = new Map<string, Area>();
  for (const area of areas) {
    const name = `${area.code ?? ''} ${area.name}`;
    const known = byName.get(name);
    byName.set(name, known ? together(known, area) : area);
  }
  return [...byName.values()];
}

function together(one: Area, other: Area): Area {
  const polygons = [...new Set([...(one.polygons ?? []), ...(other.polygons ?? [])])].slice(0, 200);
  const circles = [...new Set([...(one.circles ?? []), ...(other.circles ?? [])])].slice(0, 200);
  const named = new Map(
    [...(one.geocodes ?? []), ...(other.geocodes ?? [])].map((code) => [`${code.name}=${code.value}`, code]),
  );
  const geocodes = [...named.values()].slice(0, 500);
  return {
    ...one,
    ...(polygons.length > 0 && { polygons }),
    ...(circles.length > 0 && { circles }),
    ...(geocodes.length > 0 && { geocodes }),
  };
}

function areaOf(
  { areaDesc, polygons, circles, geocodes, altitude, ceiling }: AlertArea,
  looks: boolean,
  remarks: Remarks,
): Area {
  const filled = geocodes
    .map(({ valueName, value }) => ({ name: tidyLine(valueName).slice(0, 200), value: tidyLine(value).slice(0, 200) }))
    .filter(({ name, value }) => name !== '' && value !== '');
  if (filled.length < geocodes.length)
    remarks.flag(
      `“${short(areaDesc)}”有 ${geocodes.length - filled.length} 个空的区划码，不对应任何地方。`,
      `"${short(areaDesc)}" has ${geocodes.length - filled.length} empty codes, which are no place.`,
    );
  if (altitude !== undefined)
    remarks.left(
      `“${short(areaDesc)}”的高度范围（${altitude}${ceiling === undefined ? '' : `至 ${ceiling}`} 英尺）没有放进草稿。`,
      `Not in the draft: the altitude of "${short(areaDesc)}" (${altitude}${ceiling === undefined ? '' : ` to ${ceiling}`} ft).`,
    );
  polygons.slice(0, looks ? 2 : 0).forEach((shape, place) => {
    const read = readPolygon(shape);
    if ('shape' in read && read.shape.crossing())
      remarks.flag(
        `“${short(areaDesc)}”的第 ${place + 1} 个多边形自己与自己相交，两边都算在内，请确认。`,
        `Polygon ${place + 1} of "${short(areaDesc)}" crosses itself; both halves count. Please confirm.`,
      );
  });
  const first = filled.find(({ name, value }) => isRegionCode(name, value));
  const rest = filled.filter((one) => one !== first);
  const name = cut(
    areaDesc || first?.value || rest[0]?.value || '区域未命名',
    60,
    '区域名称',
    'name of an area',
    remarks,
  );
  return {
    name,
    ...(first && { code: first.value }),
    ...(polygons.length > 0 && { polygons: polygons.slice(0, 200) }),
    ...(circles.length > 0 && { circles: circles.slice(0, 200) }),
    ...(rest.length > 0 && { geocodes: rest.slice(0, 500) }),
  };
}

/** The description, of several blocks one after another; with it what is too long for its own field. */
function textOf(base: AlertInfo | undefined, same: readonly AlertInfo[], remarks: Remarks): string {
  if (!base) return '';
  const others = same.filter((info) => info !== base);
  if (others.length > 0)
    remarks.flag(
      `来文有 ${same.length} 段同语言的内容，已合为一稿：级别、时间取最严重的一段，区域全部列入，请核对。`,
      `${same.length} blocks of one language became one draft: level and times of the most severe, the areas of all. Please check.`,
    );
  const parts = [base, ...others].flatMap((info) => [
    ...(info === base ? [] : [info.headline ?? info.event]),
    info.description ?? '',
    ...(info !== base || tidyLine(info.instruction ?? '').length > 500 ? [info.instruction ?? ''] : []),
    ...info.areas.filter(({ areaDesc }) => areaDesc.length > 60).map(({ areaDesc }) => areaDesc),
  ]);
  for (const info of same) tellBlock(info, remarks);
  const text = parts
    .map(tidyText)
    .filter((part) => part.trim() !== '')
    .join('\n\n');
  // Where there is no description the headline is the text.
  if (text === '') return tidyText(base.headline ?? '');
  if (text.length <= 1_900_000) return text;
  remarks.left('正文太长，后面的部分没有放进草稿。', 'The text is too long: its end is not in the draft.');
  return text.slice(0, 1_900_000);
}

/** What one block says and the draft does not. */
function tellBlock(info: AlertInfo, remarks: Remarks): void {
  const pairs = (list: readonly { valueName: string; value: string }[]): string =>
    list.map(({ valueName, value }) => `${valueName}=${value}`).join('、');
  const left: [string, string, string | undefined][] = [
    ['适用人群（audience）', 'audience', info.audience],
    ['事件代码（eventCode）', 'event codes', pairs(info.eventCodes)],
    ['其他参数（parameter）', 'parameters', pairs(info.parameters)],
    ['网址（web）', 'web address', info.web],
  ];
  for (const [zh, en, said] of left)
    if (said) remarks.left(`${zh}没有放进草稿：${short(said, 200)}`, `Not in the draft: ${en} (${short(said, 200)}).`);
  for (const { resourceDesc, mimeType, uri, enclosed } of info.resources) {
    const name = short(resourceDesc || uri || mimeType);
    remarks.left(
      `附带资料“${name}”（${short(mimeType)}${enclosed ? `，随附 ${enclosed.bytes} 字节` : ''}）没有取用，需要时请自行上传。`,
      `The resource "${name}" (${short(mimeType)}${enclosed ? `, ${enclosed.bytes} bytes enclosed` : ''}) was not taken; upload it where it is needed.`,
    );
    if (enclosed && !(enclosed.sizeFits && enclosed.digestFits))
      remarks.flag(
        `附带资料“${name}”与它声明的大小或摘要不符。`,
        `The resource "${name}" is not of the size or digest that it states.`,
      );
  }
}

function flagWords(
  alert: Alert,
  text: string,
  emergency: Emergency,
  unsaid: ReadonlySet<string>,
  remarks: Remarks,
): void {
  const drill = /仅供测试|仅为测试|演练|演习|this is (only )?an? (test|drill|exercise)|test only/i.exec(text)?.[0];
  const real = /(不|并非|不再)是?(演习|演练|测试)|not an? (drill|test|exercise)/i.exec(text)?.[0];
  if (emergency.status === 'Exercise' && real)
    remarks.flag(`演练的文字里写着“${real}”，会被当真。`, `The text of a drill says "${real}": it would be believed.`);
  if (alert.status === 'Actual' && drill && !real)
    remarks.flag(
      `来文标为真实预警，文字里却写着“${drill}”，请核实。`,
      `It is marked as actual while its text says "${drill}": please check.`,
    );
  if (unsaid.size > 0)
    remarks.note(
      '标出的缺项补齐并保存之前，这份草稿不能送审、不能签发。',
      'Until what is missing is filled in and saved, the draft can be neither submitted nor signed.',
    );
}

/** Fits a field; what is cut stands in the text or the raw message, and is told. */
function cut(said: string, most: number, zh: string, en: string, remarks: Remarks): string {
  const text = tidyLine(said);
  if (text.length <= most) return text || zh;
  remarks.left(
    `${zh}超过 ${most} 字，只取了开头：${short(text, 200)}`,
    `The ${en} is longer than ${most} characters and was cut: ${short(text, 200)}`,
  );
  return `${text.slice(0, most - 1)}…`;
}

function short(text: string, most = 60): string {
  const line = tidyLine(text);
  return line.length > most ? `${line.slice(0, most)}…` : line;
}
