/** What a post says of a warning that states level, place, time and action by field: these, the source and the link before all else. */
import type { ReleaseContent } from '../channel.js';
import { emergencyWords } from '../emergency.js';
import { tidyLine } from './blocks.js';
import { cutTo, halfUnits } from './counter.js';

export interface Stated {
  words: string;
  cut: boolean;
}

/** Half-width units that place and source may take where not all fits; the action gets what remains. */
const shares = { place: 48, source: 34 } as const;

/** `room` in half-width units; `more` adds further sentences between the first words and the tail, as long as there is room. Absent where the release states nothing by field. */
export function statedWording(
  release: ReleaseContent,
  room: number,
  more: (full: string, tail: string) => string,
): Stated | undefined {
  const warning = emergencyWords(release);
  if (!warning) return undefined;
  const comma = /^zh\b/i.test(release.language) ? '，' : ', ';
  const when = (place: string): string => [place, warning.time].filter(Boolean).join(comma);
  const name = `${warning.drill ? `${warning.drillWord}：` : ''}${warning.name}`;
  const title = tidyLine(release.title).replaceAll('【', '〔').replaceAll('】', '〕');
  const source = tidyLine(release.source);
  const mark = warning.drill ? `（${warning.drillWord}）` : '';
  const tail = `${source && `——${source}`}${mark}`;
  const rest =
    warning.short === undefined
      ? `${ended(when(warning.place))}${warning.action && ended(warning.action)}`
      : ended(tidyLine(warning.short));
  // The author's own headline, where it leaves room for the rest; where that names no level, the level goes before it.
  const level = /^(解除)?(.*)$/u.exec(warning.level)?.slice(1) ?? [];
  for (const head of level.every((part) => !part || title.includes(part))
    ? [title, name]
    : [`${name}：${title.replace(`${warning.drillWord}：`, '')}`, name]) {
    const full = `【${head}】${rest}`;
    if (halfUnits(full + tail) <= room) return { words: more(full, tail), cut: false };
  }
  const shortTail = `${source && `——${cutTo(source, shares.source)}`}${mark}`;
  const beginning = `【${name}】${ended(when(cutTo(warning.place, shares.place)))}`;
  return {
    words: `${beginning}${cutTo(warning.action, room - halfUnits(beginning + shortTail))}${shortTail}`,
    cut: true,
  };
}

function ended(text: string): string {
  return text === '' || /[。！？；…]$/u.test(text) ? text : `${text}。`;
}
