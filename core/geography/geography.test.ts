/** Shapes of warnings and outlines of regions: who lies in them. */
import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outlineOf } from './outlines.js';
import { readCircle, readPolygon, type Shape } from './shape.js';

const samples = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'shapes.json'), 'utf8')) as Record<
  string,
  { polygons: string[]; circles: string[] }
>;

function shapeIn(read: ReturnType<typeof readPolygon>): Shape {
  if ('fault' in read) throw new Error(read.fault.en);
  return read.shape;
}
const polygon = (text = ''): Shape => shapeIn(readPolygon(text));
const circle = (text = ''): Shape => shapeIn(readCircle(text));
const sampled = (name: string): Shape => polygon(samples[name]?.polygons[0]);
const at = (lat: number, lon: number) => ({ lat, lon });

/** The same numbers each time. */
function* chances(): Generator<number, never> {
  for (let seed = 7; ;) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    yield seed / 2 ** 31;
  }
}

it('finds the same points in a polygon of 6,209 pairs as a plain check one by one', () => {
  const text = samples['v30']?.polygons[0] ?? '';
  const shape = polygon(text);
  expect(shape.pairs).toBe(6_209);
  const { south, north, west, east } = shape.box;
  const random = chances();
  const points = Array.from({ length: 144_000 }, () =>
    at(south + (north - south) * random.next().value, west + (east - west) * random.next().value),
  );
  const found = points.map((point) => shape.holds(point));
  expect(found.filter(Boolean).length).toBeGreaterThan(1_000);
  const line = text.split(' ').map((one) => one.split(',').map(Number).reverse());
  const plain = { type: 'Polygon' as const, coordinates: [line] };
  // The plain check takes a minute for all: every thirtieth stands for them.
  for (let n = 0; n < points.length; n += 30) {
    const { lat, lon } = points[n] ?? at(NaN, NaN);
    expect([n, found[n]]).toEqual([n, booleanPointInPolygon([lon, lat], plain)]);
  }
});

it('reads a polygon the same whichever way its points run', () => {
  const inside = at(26.07, 119.3);
  for (const shape of [sampled('v28'), sampled('v29')]) {
    expect(shape.holds(inside)).toBe(true);
    expect(shape.holds(at(26.2, 119.3))).toBe(false);
    expect(shape.holds(at(26.07, 119.1))).toBe(false);
  }
  const reversed = polygon((samples['v27']?.polygons[0] ?? '').split(' ').reverse().join(' '));
  for (const shape of [sampled('v27'), reversed]) expect(shape.holds(at(-16.5, 180))).toBe(true);
});

it('reads a shape over the antimeridian as the small piece of sea that it is', () => {
  const piece = sampled('v27');
  for (const lon of [179.6, 180, -180, -179.6]) expect([lon, piece.holds(at(-16.5, lon))]).toEqual([lon, true]);
  for (const lon of [0, 179.4, -179.4, 90]) expect([lon, piece.holds(at(-16.5, lon))]).toEqual([lon, false]);
  const disc = circle(samples['v27']?.circles[0]);
  expect(disc.holds(at(-16.5, -179.7))).toBe(true);
  expect(disc.holds(at(-16.5, 179.7))).toBe(true);
  expect(disc.holds(at(-16.5, 179.5))).toBe(false);
  expect(disc.box.east - disc.box.west).toBeLessThan(1);
});

it('counts both halves of a polygon that crosses itself, and says where it crosses', () => {
  const bow = sampled('q03');
  expect(bow.holds(at(26.02, 119.3))).toBe(false);
  expect(bow.holds(at(26.13, 119.3))).toBe(false);
  expect(bow.holds(at(26.075, 119.22))).toBe(true);
  expect(bow.holds(at(26.075, 119.38))).toBe(true);
  expect(bow.crossing()).toEqual({ lat: expect.closeTo(26.075, 6), lon: expect.closeTo(119.3, 6) });
  expect(sampled('v28').crossing()).toBeUndefined();
  expect(sampled('v30').crossing()).toBeUndefined();
  // What a line goes round twice is inside too.
  const twice = polygon('0,0 0,10 10,10 10,0 0,0 0,8 8,8 8,0 0,0');
  expect([twice.holds(at(5, 5)), twice.holds(at(9, 9))]).toEqual([true, true]);
  expect(twice.crossing()).toBeDefined();
});

it.each([
  ['two lobes that touch in a point', '0,0 0,2 1,1 2,2 2,0 1,1 0,0', false],
  ['two lobes whose lines change sides in a point of both', '0,0 0,2 1,1 2,0 2,2 1,1 0,0', true],
  ['a corner that touches a side', '0,0 0,4 4,4 4,2 0,2 4,1 4,0 0,0', false],
  ['a corner through which the line goes over a side', '0,0 0,4 4,4 4,2 0,2 -2,2 -2,0 0,0', true],
  ['a hole joined to the edge by a seam', '0,0 0,10 10,10 10,0 5,0 5,3 7,3 7,7 3,7 3,3 5,3 5,0 0,0', false],
  ['a spur, there and back', '0,0 0,4 4,4 4,2 6,2 4,2 4,0 0,0', false],
  ['points written twice', '0,0 0,4 0,4 4,4 4,0 4,0 0,0', false],
])('knows whether %s crosses itself', (_, text, crosses) => {
  for (const written of [text, text.split(' ').reverse().join(' ')])
    expect(polygon(written).crossing() !== undefined).toBe(crosses);
});

/** Whether two of its sides share a stretch. */
function runsBack(line: readonly (readonly [number, number])[]): boolean {
  const sides = line.slice(1).map((to, at) => [line[at] ?? to, to] as const);
  return sides.some(([[ay, ax], [by, bx]], at) =>
    sides.slice(at + 1).some(([[cy, cx], [dy, dx]]) => {
      const off = (y: number, x: number): number => (bx - ax) * (y - ay) - (x - ax) * (by - ay);
      if (off(cy, cx) !== 0 || off(dy, dx) !== 0) return false;
      const along = (y: number, x: number): number => (bx - ax) * (x - ax) + (by - ay) * (y - ay);
      const [low, high] = [along(cy, cx), along(dy, dx)].sort((one, other) => one - other);
      return Math.min(high ?? 0, along(by, bx)) - Math.max(low ?? 0, 0) > 0;
    }),
  );
}

it('calls crossing what goes round some places more often than a simple line can', () => {
  const random = chances();
  const draw = (most: number): number => Math.floor(random.next().value * most);
  let crossed = 0;
  for (let n = 0; n < 1_500; n += 1) {
    const points = Array.from({ length: 4 + draw(4) }, () => [draw(4), draw(4)] as const);
    const line = [...points, points[0] ?? ([0, 0] as const)];
    const rounds = new Set<number>();
    for (let y = 0.017; y < 3; y += 0.0911)
      for (let x = 0.031; x < 3; x += 0.0893) {
        let winds = 0;
        for (let at = 0; at + 1 < line.length; at += 1) {
          const [[y1, x1], [y2, x2]] = [line[at] ?? [0, 0], line[at + 1] ?? [0, 0]];
          const left = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1);
          if (y1 <= y && y2 > y && left > 0) winds += 1;
          if (y1 > y && y2 <= y && left < 0) winds -= 1;
        }
        rounds.add(winds);
      }
    const text = line.map(([y, x]) => `${y},${x}`).join(' ');
    const isMore = Math.max(...rounds, 0) - Math.min(...rounds, 0) > 1;
    // A stretch gone there and back may cross a side and encloses nothing.
    if (isMore || !runsBack(line)) expect([text, polygon(text).crossing() !== undefined]).toEqual([text, isMore]);
    if (isMore) crossed += 1;
  }
  expect(crossed).toBeGreaterThan(300);
});

it('looks for a crossing in a line of six thousand points, and gives a tangle up instead of taking seconds', () => {
  const round = Array.from({ length: 6_000 }, (_, n) => {
    const angle = (n / 6_000) * 2 * Math.PI;
    return `${(Math.sin(angle) * 10).toFixed(6)},${(Math.cos(angle) * 10).toFixed(6)}`;
  });
  expect(polygon([...round, round[0]].join(' ')).crossing()).toBeUndefined();
  const [one = '', other = ''] = [round[4_000], round[4_001]];
  const crossed = [...round.slice(0, 4_000), other, one, ...round.slice(4_002)];
  expect(polygon([...crossed, crossed[0]].join(' ')).crossing()).toBeDefined();
  const teeth = Array.from({ length: 19_000 }, (_, n) => `${n % 2 === 0 ? 1 : 10},${(n / 1_000).toFixed(3)}`);
  // It does cross itself, half-way along.
  const tangle = [...teeth, '0,19', '0,9.0005', '5,9.0005', '0,9.0007', '0,0', teeth[0]];
  expect(polygon(tangle.join(' ')).crossing()).toBeUndefined();
});

it('takes the radius of a circle for kilometres; of 0 it holds the very point', () => {
  const disc = circle(samples['v07']?.circles[0]);
  const kmNorth = (km: number) => at(47.25 + km / 111.195, -2.25);
  expect([10, 12.4, 12.6, 20].map((km) => disc.holds(kmNorth(km)))).toEqual([true, true, false, false]);
  // However the number is written.
  expect(circle('+.5,-0.5 .5').holds(at(0.504, -0.5))).toBe(true);
  const dot = circle('24.48,118.09 0');
  expect(dot.holds(at(24.48, 118.09))).toBe(true);
  expect(dot.holds(at(24.48, 118.0900001))).toBe(false);
});

it.each([
  ['a line that is not closed', readPolygon('1,1 1,2 2,2 2,1')],
  ['three pairs', readPolygon('1,1 1,2 1,1')],
  ['longitude and latitude in the wrong order', readPolygon('119,26 119,27 120,27 119,26')],
  ['what is no number', readPolygon('1,1 1,x 2,2 1,1')],
  ['a ring round a pole', readPolygon('80,0 80,120 80,-120 80,0')],
  ['a circle without a radius', readCircle('1,1')],
  ['a radius below 0', readCircle('1,1 -5')],
  ['a radius larger than the globe', readCircle('1,1 30000')],
])('refuses %s', (_, read) => {
  expect(read).toHaveProperty('fault');
});

it('leaves what lies in a hole to the region that fills it', () => {
  const square = (low: number, high: number): number[][] => [
    [low, low],
    [high, low],
    [high, high],
    [low, high],
    [low, low],
  ];
  const outer = outlineOf({ pieces: JSON.stringify([[square(0, 10), square(4, 6)], [square(20, 21)]]) });
  const inner = outlineOf({ pieces: JSON.stringify([[square(4, 6)]]) });
  const inHole = polygon('4.5,4.5 4.5,5.5 5.5,5.5 5.5,4.5 4.5,4.5');
  expect([inHole.meets(outer), inHole.meets(inner)]).toEqual([false, true]);
  const overEdge = polygon('4.5,4.5 4.5,6.5 5.5,6.5 5.5,4.5 4.5,4.5');
  expect([overEdge.meets(outer), overEdge.meets(inner)]).toEqual([true, true]);
  const around = polygon('-1,-1 -1,30 30,30 30,-1 -1,-1');
  const second = polygon('20.2,20.2 20.2,20.4 20.4,20.4 20.2,20.2');
  const away = polygon('12,12 12,14 14,14 12,12');
  expect([around, second, away].map((shape) => shape.meets(outer))).toEqual([true, true, false]);
  expect([outer.holds(at(5, 5)), outer.holds(at(1, 1)), inner.holds(at(5, 5))]).toEqual([false, true, true]);
  // A circle may reach over an edge with all its corners far away.
  expect(['1,-0.5 60', '1,-0.5 40', '5,5 50'].map((text) => circle(text).meets(outer))).toEqual([true, false, false]);
});
