import { codesOf } from '../geography/area.js';
import type { GapKind } from './gap.js';

/** An area of the warning that has a name alone: no code, no shape. */
export const noPlace: GapKind = {
  kind: 'no_place',
  said: { zh: '区域没有代码和图形', en: 'Area without code or shape' },
  open: ({ areas }) => ({
    end: () =>
      areas
        .filter((area) => codesOf(area).length === 0 && !area.polygons?.length && !area.circles?.length)
        .map(({ name }) => ({
          of: { area: name },
          name,
          said: {
            zh: '只有名称，没有区划代码，也没有图形，不知道是哪里。',
            en: 'It has a name alone, neither code nor shape: nobody knows where it is.',
          },
          act: {
            said: { zh: '在投放范围中选择这个地方的地区或单位', en: 'Choose its regions or units in the audience' },
            link: '#regions',
          },
        })),
  }),
};
