/** Who is on duty when, worked out of the lines of a roster: pure, so that a gap is found before the night that it is for. */
import type { Called } from '../model/callout.js';
import { ways, type DutyEntry, type Told } from '../model/duty.js';

export interface DutyStep {
  step: number;
  /** Nobody where all who stand there have left or cannot be told by any way. */
  people: DutyEntry[];
}

/** One step of the ladder: of the unit itself, then of the one above that answers for it. */
export interface Rung {
  unit: string;
  unitName: string;
  level: number;
  step: number;
  people: { called: Called; told: readonly Told[] }[];
}

/** Ids of persons of the hub who are no more: disabled or erased. */
export type Gone = ReadonlySet<string>;

/**
 * The steps of one unit at an instant, first to last: its shift of then, or its standing order where there is none; whoever
 * stands in for somebody instead of them.
 */
export function onDuty(entries: readonly DutyEntry[], at: Date, gone: Gone = new Set()): DutyStep[] {
  const holding = entries.filter((entry) => holds(entry, at));
  const deputies = holding.filter((entry) => entry.instead !== undefined);
  const shift = holding.filter((entry) => entry.instead === undefined && !isStanding(entry));
  const lines = shift.length > 0 ? shift : holding.filter((entry) => entry.instead === undefined && isStanding(entry));
  const steps = new Map<number, DutyEntry[]>();
  for (const line of lines) {
    const instead = deputies.filter((deputy) => deputy.instead === line.name);
    const people = instead.length > 0 ? instead.map((deputy) => ({ ...deputy, step: line.step })) : [line];
    steps.set(line.step, [...(steps.get(line.step) ?? []), ...people.filter((one) => isReachable(one, gone))]);
  }
  return [...steps].sort(([one], [other]) => one - other).map(([step, people]) => ({ step, people }));
}

function holds({ from, until }: DutyEntry, at: Date): boolean {
  return (!from || from <= at) && (!until || at < until);
}

function isStanding({ from, until }: DutyEntry): boolean {
  return !from && !until;
}

export function isReachable(entry: DutyEntry, gone: Gone): boolean {
  return !(entry.person !== undefined && gone.has(entry.person)) && toldBy(entry).length > 0;
}

/** By which ways somebody is told, each that there is an address for. */
export function toldBy(entry: Pick<DutyEntry, 'told' | 'phone' | 'mail' | 'webhook'>): Told[] {
  const address = { webhook: entry.webhook, mail: entry.mail, sms: entry.phone };
  const wished = entry.told ?? ways.map((by) => ({ by, after: 0 }));
  return wished.filter(({ by }) => address[by] !== undefined);
}

export interface RosterGap {
  from: Date;
  until: Date;
  /** A step with nobody; absent where there is no step at all. */
  step?: number;
}

/** Stretches of time within which a unit has nobody, or a step with nobody, between two instants. */
export function gapsOf(entries: readonly DutyEntry[], from: Date, until: Date, gone: Gone = new Set()): RosterGap[] {
  const turns = entries.flatMap((entry) => [entry.from, entry.until]).flatMap((one) => one?.getTime() ?? []);
  const inside = turns.filter((turn) => turn > from.getTime() && turn < until.getTime());
  const times = [...new Set([from.getTime(), ...inside, until.getTime()])].sort((one, other) => one - other);
  const gaps: RosterGap[] = [];
  for (const [place, begins] of times.slice(0, -1).entries()) {
    const ends = times[place + 1] ?? begins;
    for (const lack of lacking(onDuty(entries, new Date(begins), gone))) {
      const before = gaps.find((gap) => gap.step === lack.step && gap.until.getTime() === begins);
      if (before) before.until = new Date(ends);
      else gaps.push({ from: new Date(begins), until: new Date(ends), ...lack });
    }
  }
  return gaps;
}

function lacking(steps: readonly DutyStep[]): { step?: number }[] {
  const empty = steps.filter(({ people }) => people.length === 0);
  return empty.length === steps.length ? [{}] : empty.map(({ step }) => ({ step }));
}
