/** Pictures for the demonstration, drawn here so that no one's picture is used: a cover and a chart of the keynote's own figures. */
import sharp from 'sharp';

export interface DrawnPicture {
  name: string;
  alt: string;
  bytes: Buffer;
}

const bars = [
  { label: '政府网站', value: 1.4, words: '1.4 万家' },
  { label: '政务新媒体', value: 13, words: '近 13 万个' },
  { label: '联动发稿', value: 700, words: '700 多万条' },
];

export async function drawPictures(): Promise<DrawnPicture[]> {
  return [
    { name: 'cover.png', alt: '题图：推进数字政府建设，深化政务公开', bytes: await draw(cover()) },
    { name: 'chart.png', alt: '图：2020 年疫情防控期间联动发布的规模（对数刻度）', bytes: await draw(chart()) },
  ];
}

function draw(svg: string): Promise<Buffer> {
  return sharp(Buffer.from(svg)).png().toBuffer();
}

function cover(): string {
  const waves = Array.from(
    { length: 7 },
    (_, line) =>
      `<path d="M0 ${420 + line * 34} C 320 ${360 + line * 30}, 640 ${500 + line * 26}, 1200 ${380 + line * 38}" fill="none" stroke="#fff" stroke-opacity="${0.5 - line * 0.06}" stroke-width="3"/>`,
  ).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="640"><defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="#7a1420"/><stop offset="1" stop-color="#b8323a"/></linearGradient></defs>
<rect width="1200" height="640" fill="url(#g)"/>${waves}
<g font-family="Noto Sans CJK SC" fill="#fff"><text x="90" y="210" font-size="76" font-weight="700">推进数字政府建设</text><text x="90" y="310" font-size="76" font-weight="700">深化政务公开</text><text x="92" y="370" font-size="30" opacity="0.85">2020 年会主旨发言</text></g></svg>`;
}

function chart(): string {
  const rows = bars
    .map(({ label, value, words }, place) => {
      const width = 160 + Math.log10(value * 10) * 150;
      const y = 110 + place * 120;
      return `<text x="40" y="${y + 42}" font-size="30" fill="#333">${label}</text><rect x="220" y="${y}" width="${width}" height="62" rx="6" fill="#b8323a"/><text x="${240 + width}" y="${y + 42}" font-size="30" font-weight="700" fill="#7a1420">${words}</text>`;
    })
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1100" height="500" font-family="Noto Sans CJK SC"><rect width="1100" height="500" fill="#fff"/><text x="40" y="62" font-size="34" font-weight="700" fill="#222">一次疫情，一春联动发布</text>${rows}<text x="40" y="478" font-size="20" fill="#666">横条为对数刻度</text></svg>`;
}
