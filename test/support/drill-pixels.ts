/** Looks at pixels as a person does: is the mark of an exercise on every part of a picture that a channel may cut out? */
import sharp from 'sharp';

/** A ground of one colour, on which any stroke is the mark's. `light` and `dark` swallow one of its two colours. */
export function ground(kind: 'light' | 'dark' | 'grey', width: number, height: number): Promise<Buffer> {
  const background = { light: '#f4f4f4', dark: '#0c0c0c', grey: '#8a8a8a' }[kind];
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
}

/** Least part of a window that differs from its ground where the mark stands in it. */
const inked = 0.015;

/** Of a picture of one ground colour. In each window as large as the smallest cut, in every frame. */
export async function bearsMark(picture: Buffer): Promise<boolean> {
  const { pages = 1 } = await sharp(picture).metadata();
  for (let page = 0; page < pages; page += 1) if (!(await frameBearsMark(picture, page))) return false;
  return true;
}

async function frameBearsMark(picture: Buffer, page: number): Promise<boolean> {
  const { data, info } = await sharp(picture, { page }).greyscale().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const [wide, high] = [Math.min(width, height), Math.min(height, Math.floor(width / 2.35))];
  const steps = (whole: number, window: number): number[] => {
    const count = Math.max(1, Math.ceil(((whole - window) * 2) / window) + 1);
    return Array.from({ length: count }, (_, n) => Math.min(whole - window, Math.floor((n * window) / 2)));
  };
  return steps(height, high).every((top) =>
    steps(width, wide).every((left) => {
      const counts = new Uint32Array(256);
      for (let y = top; y < top + high; y += 1)
        for (let x = left; x < left + wide; x += 1) {
          const value = data[(y * width + x) * channels] ?? 0;
          counts[value] = (counts[value] ?? 0) + 1;
        }
      const common = counts.indexOf(Math.max(...counts));
      const away = counts.reduce((sum, count, value) => sum + (Math.abs(value - common) > 60 ? count : 0), 0);
      return away > wide * high * inked;
    }),
  );
}
