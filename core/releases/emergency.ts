/** A warning as it is handed in: what its fields mean together is checked, and the earlier warnings it names are looked up. */
import type { Kind, Said } from '../../channels/channel.js';
import { beijingMinute } from '../../channels/beijing-calendar.js';
import { lastInstant, unsaidFields, type Emergency } from '../../channels/emergency.js';
import { LianfaError } from '../errors.js';
import type { Store } from '../store/store.js';

/**
 * One warning is one release: `of` is the release whose next message this is. What it said before is referred to by
 * itself, and a corrected alert goes out as an update of it.
 * @throws LianfaError field_invalid or field_missing, with the field named
 */
export async function checkedEmergency(
  store: Store,
  given: Emergency,
  { kind, of, hasText = true }: { kind: Kind; of?: string | undefined; hasText?: boolean },
): Promise<Emergency> {
  const { unsaid: left = [], ...emergency } = of === undefined ? given : await following(store, given, of);
  const unsaid = left.filter((field) => isUnsaid(emergency, field, hasText));
  const must = (field: (typeof left)[number]): boolean => !unsaid.includes(field);
  if (kind !== 'emergency')
    throw wrong('emergency', {
      zh: '只有体裁为“应急信息”的发布件才能带预警信息。',
      en: 'only a release of kind emergency may carry it.',
    });
  const { msgType, onset, instruction, references } = emergency;
  if (emergency.areas.length === 0 && must('areas'))
    throw wrong('emergency.areas', { zh: '请至少写明一个影响区域。', en: 'name at least one area.' });
  if (msgType !== 'Cancel' && onset === undefined) throw new LianfaError('field_missing', { field: 'emergency.onset' });
  if (msgType !== 'Cancel' && instruction === undefined && must('instruction'))
    throw new LianfaError('field_missing', { field: 'emergency.instruction' });
  for (const field of ['onset', 'expires'] as const)
    if (Date.parse(emergency[field] ?? '') > lastInstant)
      throw wrong(`emergency.${field}`, {
        zh: '时间最晚到 9999 年 12 月 31 日。',
        en: 'it is after the year 9999.',
      });
  if (endsBeforeItBegins(emergency) && must('expires'))
    throw wrong('emergency.expires', { zh: '失效时间应晚于起始时间。', en: 'it must be after the onset.' });
  if (msgType === 'Alert' && references.length > 0)
    throw wrong('emergency.references', {
      zh: '首次发布的预警不能引用之前的预警；如是更新或解除，请改消息类型。',
      en: 'a first alert refers to no earlier one; choose Update or Cancel.',
    });
  if (msgType !== 'Alert' && references.length === 0 && must('references'))
    throw new LianfaError('field_missing', { field: 'emergency.references' });
  const earlier = await Promise.all(
    references.map((reference, index) => earlierWarning(store, reference, `emergency.references.${index}.release`)),
  );
  // What a later message leaves out stays as the warning said it.
  const mixed = earlier.findIndex(({ said }) => said !== undefined && said.status !== emergency.status);
  if (mixed >= 0)
    throw wrong(`emergency.references.${mixed}.release`, {
      zh: '演练只能更新或解除演练，真实预警只能更新或解除真实预警。',
      en: 'a drill follows drills alone, and a real warning real ones.',
    });
  const { category, certainty } = earlier[0]?.said ?? {};
  return {
    category: category ?? 'Other',
    ...(certainty && { certainty }),
    ...emergency,
    references: earlier.map(({ reference }) => reference),
    ...(unsaid.length > 0 && { unsaid }),
  };
}

/** Of what an alert left unsaid: is it so still? Whoever chooses event and level leaves the mark off. */
function isUnsaid(emergency: Emergency, field: (typeof unsaidFields)[number], hasText: boolean): boolean {
  switch (field) {
    case 'areas':
      return emergency.areas.length === 0;
    case 'expires':
      return emergency.expires === undefined || endsBeforeItBegins(emergency);
    case 'instruction':
      return emergency.instruction === undefined;
    case 'references':
      return emergency.references.length === 0;
    case 'text':
      return !hasText;
    case 'event':
    case 'level':
      return true;
  }
}

function endsBeforeItBegins({ onset, expires }: Emergency): boolean {
  return onset !== undefined && expires !== undefined && Date.parse(expires) <= Date.parse(onset);
}

const unsaidNames: Readonly<Record<(typeof unsaidFields)[number], Said>> = {
  event: { zh: '事件', en: 'the event' },
  level: { zh: '级别', en: 'the level' },
  areas: { zh: '影响区域', en: 'the area' },
  expires: { zh: '失效时间', en: 'the expiry' },
  instruction: { zh: '应对措施', en: 'what to do' },
  references: { zh: '所更新或解除的已发布预警', en: 'the warning that went out and is meant' },
  text: { zh: '正文', en: 'the text' },
};

/** What an alert left unsaid and nobody has said since. @throws LianfaError warning_incomplete */
export function refuseUnsaid(unsaid: readonly (typeof unsaidFields)[number][]): void {
  if (unsaid.length === 0) return;
  const names = unsaidFields.filter((field) => unsaid.includes(field)).map((field) => unsaidNames[field]);
  throw new LianfaError('warning_incomplete', {
    what: { zh: names.map(({ zh }) => zh).join('、'), en: names.map(({ en }) => en).join(', ') },
  });
}

/** A cancel (解除): the word that a warning is over. */
export function isLifting(emergency: Pick<Emergency, 'msgType'> | undefined): boolean {
  return emergency?.msgType === 'Cancel';
}

/** The minute (Beijing) at which a warning has ended by `at`; `undefined` of one that has not, and of a cancel, which ends one itself. */
export function endedAt({ msgType, expires }: Emergency, at = new Date()): string | undefined {
  const over = !isLifting({ msgType }) && expires !== undefined && Date.parse(expires) <= at.getTime();
  return over ? beijingMinute(expires) : undefined;
}

/** What is over when it goes out only misleads. `planned`: when that is to be. @throws LianfaError warning_expired; field_invalid where it is over by the time planned */
export function refuseEnded(emergency: Emergency | undefined, planned?: Date): void {
  if (!emergency) return;
  const until = endedAt(emergency);
  if (until !== undefined) throw new LianfaError('warning_expired', { until });
  const before = planned && endedAt(emergency, planned);
  if (before !== undefined)
    throw wrong('notBefore', {
      zh: `预警到那时已失效（${before}，北京时间）。`,
      en: `the warning will have ended by then (${before}, Beijing time).`,
    });
}

/** The next message of a warning refers to the one before it. */
async function following(store: Store, emergency: Emergency, release: string): Promise<Emergency> {
  const earlier = await store.revisions.find({ release }).sort({ number: -1 }).lean();
  if (!earlier.some((row) => row.signed && row.emergency)) return emergency;
  const foreign = emergency.references.filter((reference) => reference.release !== release);
  const msgType = emergency.msgType === 'Alert' ? 'Update' : emergency.msgType;
  return { ...emergency, msgType, references: [{ release }, ...foreign] };
}

/** The newest signed revision of it that carried a warning: the message that this one updates or lifts. */
async function earlierWarning(
  store: Store,
  { release, revision }: Emergency['references'][number],
  field: string,
): Promise<{ reference: Emergency['references'][number]; said: Emergency | undefined }> {
  const rows = await store.revisions.find({ release }).sort({ number: -1 }).lean();
  const found = rows.find((row) => row.signed && row.emergency && (revision === undefined || row._id === revision));
  if (!found?.signed)
    throw wrong(field, {
      zh: '没有找到这条已签发的预警，请填写已发布预警的发布件编号。',
      en: 'no signed warning has this id; give the id of a release that went out as a warning.',
    });
  const expires = heldUntil(found.emergency, release);
  const sent = new Date(found.signed.at).toISOString();
  return {
    reference: { release, revision: found._id, sent, ...(expires !== undefined && { expires }) },
    said: found.emergency,
  };
}

/** A lifting that is itself put right still names the expiry that it has cut short. */
function heldUntil(said: Emergency | undefined, release: string): string | undefined {
  return said?.expires ?? said?.references.find((reference) => reference.release === release)?.expires;
}

function wrong(field: string, reason: Said): LianfaError {
  return new LianfaError('field_invalid', { field, reason });
}
