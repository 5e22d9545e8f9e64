/** What the public sees: article pages built like WeChat's own, and a list for whoever watches the sandbox. */
import type { SandboxAnswer } from '../../sandbox.js';
import type { NewsArticle, World } from './world.js';

const headers = { 'content-type': 'text/html; charset=utf-8' };

export function articlePage(world: World, name: string): SandboxAnswer {
  world.settleAll();
  const found = world.articles.get(name);
  const article = found?.publication.articles[found.index];
  if (!found || !article) return { status: 404, headers, body: page('参数错误', '<p class="notice">参数错误</p>') };
  if (found.publication.banned)
    return { status: 200, headers, body: page('', '<p class="notice">此内容因违规无法查看</p>') };
  if (found.publication.deleted.has(found.index))
    return { status: 200, headers, body: page('', '<p class="notice">该内容已被发布者删除</p>') };
  return {
    status: 200,
    headers,
    body: page(article.title, articleBody(world, article, found.account.appid, found.publication.at)),
  };
}

function articleBody(world: World, article: NewsArticle, appid: string, at: number): string {
  // WeChat's pages load pictures late: the address stands in data-src. `src` is added so that this page works without scripts.
  const content = article.content.replace(/<img\b([^>]*?)\ssrc="([^"]*)"/g, '<img$1 data-src="$2" src="$2"');
  const day = new Date(at + 8 * 3600_000).toISOString().slice(0, 16).replace('T', ' ');
  const source = article.content_source_url
    ? `<p><a id="js_view_source" href="${escape(article.content_source_url)}">阅读原文</a></p>`
    : '';
  return `<div id="img-content"><h1 class="rich_media_title" id="activity-name">${escape(article.title)}</h1>
<div id="meta_content">${escape(article.author)} <a id="js_name">${escape(appid)}</a> <em id="publish_time">${day}</em></div>
<div class="rich_media_content" id="js_content">${content}</div></div>${source}<p class="home"><a href="${world.url}/">仿真平台首页</a></p>`;
}

/** The newest two hundred articles of all accounts, or all of one. */
export function listPage(world: World, appid?: string): string {
  world.settleAll();
  const all =
    appid === undefined
      ? [...world.articles].slice(-200).reverse()
      : [...world.articles].filter(([, { account }]) => account.appid === appid).reverse();
  const seen = [...world.articles.values()].filter(
    ({ publication, index }) => !publication.banned && !publication.deleted.has(index),
  );
  const rows = all.map(([name, { account, publication, index }]) => {
    const article = publication.articles[index];
    const mark = publication.banned
      ? '（已封禁）'
      : publication.deleted.has(index)
        ? '（已删除）'
        : publication.mass
          ? '（群发）'
          : '';
    const cover = account.materials.get(article?.thumb_media_id ?? '')?.url;
    const card = cover === undefined ? '' : `<br><img src="${escape(cover)}" alt="封面" width="320">`;
    return `<li><a href="/s/${name}">${escape(article?.title ?? '')}</a> ${mark}<br><small>${escape(account.appid)} · ${escape(article?.author ?? '')}</small>${card}</li>`;
  });
  return page(
    '微信公众号仿真平台',
    `<h1>微信公众号仿真平台</h1><p>公众现在能看到 ${seen.length} 篇文章（列出最近 ${all.length} 篇），${world.pending.size} 篇正在发布。</p><ul class="list">${rows.join('')}</ul>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title><style>
body{max-width:677px;margin:0 auto;padding:20px 16px;font-family:-apple-system,"PingFang SC","Noto Sans CJK SC",sans-serif;color:#222}
h1{font-size:22px;line-height:1.4;overflow-wrap:anywhere}#meta_content{margin:0 0 22px;color:#6b6b6b;font-size:15px}.notice{margin:40vh 0 0;text-align:center}.list li{margin:0 0 12px}a{color:#3a5a8c}.home{margin-top:40px;font-size:14px}
</style></head><body>${body}</body></html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign);
}
