/** The notifications as people's phones show them now. */
import type { Shown } from './push.js';

export function phonePage(shown: readonly Shown[]): string {
  const newest = shown.slice(-60).reverse();
  return `<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>仿真手机通知</title>
<style>
body { margin: 0; background: #e9edf2; color: #1c2026; font: 1rem/1.6 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; overflow-wrap: anywhere; }
main { max-width: 26rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.125rem; font-weight: 600; text-align: center; }
article { background: #fff; border-radius: 1rem; padding: .75rem 1rem; margin: .75rem 0; }
h2 { font-size: 1rem; margin: 0; } p { margin: .125rem 0 0; }
.meta { color: #545b66; font-size: .8125rem; }
.recalled h2, .recalled .text { text-decoration: line-through; color: #545b66; }
</style>
</head>
<body>
<main>
<h1>仿真手机通知（最近 ${newest.length} 条）</h1>
${newest.length ? newest.map(card).join('\n') : '<p class="meta">还没有通知。发布到移动客户端后，这里会像手机锁屏一样显示。</p>'}
</main>
</body>
</html>
`;
}

function card(one: Shown): string {
  const title = escape(one.title);
  const link = /^https?:\/\//.test(one.url) ? `<a href="${escape(one.url)}">${title}</a>` : title;
  const reached = one.recalled ? '已申请撤回' : `${one.phones} 台`;
  return `<article${one.recalled ? ' class="recalled"' : ''}><p class="meta">${one.via} · ${escape(one.app.slice(0, 16))} · ${escape(one.at.slice(11, 19))} UTC · ${reached}</p><h2>${link}</h2><p class="text">${escape(one.text)}</p></article>`;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
