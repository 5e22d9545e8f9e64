/**
 * The hub as the dashboard sees it, in memory: speaks the contract, moves a release over SSE, and fails on order. Only
 * for the browser tests; it also serves the built dashboard with the same policy as the hub.
 */
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { beijingMinute } from '../../channels/beijing-calendar.js';
import type { Change } from '../../channels/channel.js';
import { accountShape } from '../../core/accounts/input.js';
import { counted, readGiven, resultOf } from '../../core/import-given.js';
import {
  publishOrder,
  resolveOrder,
  signOrder,
  type PlacementBody,
  type ReleaseStatus,
} from '../../core/placements/report.js';
import { isFinal } from '../../core/model/states.js';
import { releaseInput, type ReleaseInput } from '../../core/releases/input.js';
import { type AccountBody, type AuthorisationBody } from '../../server/contract/accounts.js';
import { type NoticeBody } from '../../server/contract/notices.js';
import { releaseUpdate, type ReleaseBody, type RevisionRow } from '../../server/contract/releases.js';
import { LianfaError } from '../../core/errors.js';
import { checkFields } from '../../core/field-errors.js';
import { accountsOf, channels, happenedBy, knownOf, placementsOf, releaseOf, units, user } from './fake-data.js';

const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; frame-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const said = (zh: string, en: string) => ({ zh, en });

export interface FakeHub {
  url: string;
  placements: PlacementBody[];
  accounts: AccountBody[];
  releases: ReleaseBody[];
  /** Older than the newest of a release. */
  earlier: Map<string, RevisionRow[]>;
  /** Bodies of sign, publish, withdraw, retry and resolve as they came. */
  orders: { path: string; body: unknown }[];
  /** Documents as they came, with what was answered so far. */
  imports: { file: string; query: unknown }[];
  move(id: string, to: PlacementBody['state'], more?: Partial<PlacementBody>): void;
  /** Ends every live line and refuses new ones until `mend`. */
  dropLines(): void;
  mend(): void;
  failing: Set<string>;
  /** What an authorisation that begins now leads to, and what each outcome's id reads as. */
  authorisations: { next: string; outcomes: Record<string, AuthorisationBody> };
  /** Newest first; seen where they say so. */
  notices: NoticeBody[];
  endSessions(): void;
  stop(): Promise<void>;
}

export async function startFakeHub(): Promise<FakeHub> {
  const releases = [
    releaseOf('r1', '关于启动防汛防台风Ⅰ级应急响应的紧急通知', 'emergency', true),
    releaseOf('r2', '示例市2026年政务公开工作要点', 'policy', true),
    releaseOf('r3', '尚未签发的草稿', 'news', false),
  ];
  const placements = [...placementsOf('r1', 120), ...placementsOf('r2', 8, 'verified')];
  const accounts = accountsOf(12);
  const earlier: FakeHub['earlier'] = new Map();
  const orders: FakeHub['orders'] = [];
  const imports: FakeHub['imports'] = [];
  const sessions = new Set<string>();
  const lines = new Set<{ release: string | undefined; response: Response }>();
  const failing = new Set<string>();
  const notices: NoticeBody[] = [];
  const authorisations: FakeHub['authorisations'] = { next: '', outcomes: {} };
  const sockets = new Set<Socket>();
  let down = false;
  let saved = 0;
  let looks = 0;

  const app = express();
  app.use((_, response, next) => {
    response.set('Content-Security-Policy', policy);
    next();
  });
  const folder = join(process.cwd(), 'dist/dashboard');
  const api = express.Router();

  api.use(express.json({ limit: '40mb' }));
  api.use((request, response, next) => {
    const path = `${request.method} ${request.path}`;
    if ([...failing].some((start) => path.startsWith(start)))
      refuse(
        response,
        503,
        'store_unavailable',
        said('数据暂时无法读取。', 'The data cannot be read now.'),
        said('请稍后重试。', 'Try again in a moment.'),
      );
    else if (request.path !== '/session' && !sessions.has(cookieOf(request)))
      refuse(
        response,
        401,
        'sign_in_required',
        said('请先登录。', 'Please sign in first.'),
        said('请登录。', 'Sign in.'),
      );
    else next();
  });

  api.post('/session', (request, response) => {
    const { name, password } = request.body as { name: string; password: string };
    if (name !== 'zhangmin' || password !== 'right') {
      refuse(
        response,
        401,
        'sign_in_failed',
        said('用户名或密码不正确。', 'Wrong name or password.'),
        said('请重新输入；忘记密码请联系管理员。', 'Try again, or ask your administrator.'),
      );
      return;
    }
    const token = `s${sessions.size}${Date.now()}`;
    sessions.add(token);
    response.cookie('lianfa', token, { httpOnly: true, sameSite: 'strict' }).json({ user });
  });
  api.get('/session', (request, response) => {
    if (sessions.has(cookieOf(request))) response.json({ user });
    else
      refuse(
        response,
        401,
        'sign_in_required',
        said('请先登录。', 'Please sign in first.'),
        said('请登录。', 'Sign in.'),
      );
  });
  api.delete('/session', (request, response) => {
    sessions.delete(cookieOf(request));
    response.status(204).end();
  });

  api.get('/people', (_, response) => {
    response.json([{ id: user.id, displayName: user.displayName }]);
  });
  api.get('/channels', (_, response) => {
    response.json(channels);
  });
  api.get('/organizations', (_, response) => {
    response.json({ items: units });
  });
  api.get('/accounts', (request, response) => {
    const { channel, credential } = request.query;
    response.json({
      items: accounts.filter(
        (row) => (!channel || row.channel === channel) && (!credential || row.credential.state === credential),
      ),
    });
  });
  api.post('/accounts/:id/check', (request, response) => {
    const row = accounts.find(({ id }) => id === request.params.id);
    if (row) row.credential = { state: 'ok', checkedAt: new Date().toISOString(), daysLeft: 30 };
    response.json(row);
  });
  api.post('/accounts/:id/authorise', (request, response) => {
    // A platform whose keeper has answered already.
    response.json({ address: `${hubUrl(request)}/accounts?authorisation=${authorisations.next}` });
  });
  const haveSeen = (rows: NoticeBody[]) => {
    for (const row of rows) row.seen ??= { by: user.id, at: new Date().toISOString() };
  };
  api.get('/notices', (request, response) => {
    const { after, limit } = request.query as Record<string, string | undefined>;
    const rows = notices.filter(({ id }) => after === undefined || id < after);
    const items = rows.slice(0, Number(limit));
    response.json({
      items,
      unseen: notices.filter(({ seen }) => !seen).length,
      ...(rows.length > items.length && { next: items.at(-1)?.id }),
    });
  });
  api.post('/notices/:id/seen', (request, response) => {
    haveSeen(notices.filter(({ id }) => id === request.params.id));
    response.status(204).end();
  });
  api.post('/notices/seen', (request, response) => {
    haveSeen(notices.filter(({ id }) => id <= (request.body as { upTo: string }).upTo));
    response.status(204).end();
  });
  api.get('/authorisations/:id', (request, response) => found(response, authorisations.outcomes[request.params.id]));
  api.post('/accounts/import', express.raw({ type: () => true }), async (request, response) => {
    const given = await readGiven(request.body as Buffer, accountShape);
    const dryRun = request.query['dryRun'] === 'true';
    const result = resultOf(given, dryRun);
    for (const { row, value } of given.rows)
      result.changes.push({ row, is: 'created', name: value.name, fields: ['name'] });
    response.json(counted(result, given.rows.length + given.refused.length));
  });
  api.post('/audience', (request, response) => {
    const chosen = request.body as { channels: string[]; organizations?: string[] };
    const each = chosen.organizations ? 10 : 36_000;
    response.json({
      total: chosen.channels.length * each,
      byChannel: Object.fromEntries(chosen.channels.map((name) => [name, each])),
    });
  });
  api.get('/media/:hash/state', (request, response) => {
    looks += 1;
    response.json({
      hash: request.params.hash,
      name: '现场.png',
      mime: 'image/png',
      bytes: 12_000,
      width: 800,
      height: 600,
      state: looks > 2 ? 'ready' : 'preparing',
      prepared: looks > 2 ? 1 : 0.5,
    });
  });
  api.post('/media', (_, response) => {
    response.json({
      hash: 'a'.repeat(64),
      name: '现场.png',
      mime: 'image/png',
      bytes: 12_000,
      width: 800,
      height: 600,
      state: 'preparing',
    });
  });
  api.get('/media/:hash', (_, response) => {
    response
      .type('svg')
      .send(
        '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="6"><rect width="8" height="6" fill="#789"/></svg>',
      );
  });
  api.post('/preview', (request, response) => {
    const input = checkFields(releaseInput, (request.body as { release: unknown }).release, 'release');
    const hostile = input.body.content.includes('<script');
    response.json({
      renditions: channels.map(({ name, label }) => ({
        channel: name,
        html: `<!doctype html><html lang="zh-CN"><title>${label.zh}</title><body style="font:16px sans-serif;margin:16px"><h1>${escape(input.title)}</h1><p>${escape(input.body.content)}</p><script>parent.document.title='escaped'</script></body></html>`,
        warnings:
          name === 'wechat' && input.title.length > 20
            ? [
                {
                  code: 'title_long',
                  field: 'title',
                  said: said('标题超过微信的 64 字，将被截断。', 'The title is too long for WeChat and will be cut.'),
                },
              ]
            : [],
      })),
      dropped: hostile ? [{ what: 'script', count: 1, said: said('脚本', 'Scripts') }] : [],
    });
  });

  api.get('/releases', (_, response) => {
    response.json({
      items: releases.map(({ id, title, kind, updatedAt, createdBy, publishedAt, withdrawnAt, revision }) => ({
        id,
        title,
        kind,
        updatedAt,
        createdBy,
        publishedAt,
        withdrawnAt,
        ...(revision.emergency?.status === 'Exercise' && { drill: true }),
        counts: statusOf(id).counts,
      })),
    });
  });
  api.post('/releases', (request, response) => {
    response.status(201).json({ release: store(checked(checkFields(releaseInput, request.body))), dropped: [] });
  });
  api.post('/releases/import', (request, response) => {
    const { revisions, losses } = request.query;
    const file = decodeURIComponent(request.get('x-file-name') ?? '');
    imports.push({ file, query: request.query });
    // A document with tracked changes and, behind them, a chart.
    if (revisions === undefined) {
      const found = said('1 处插入、2 处删除，作者：甲', '1 insertion(s), 2 deletion(s), by 甲');
      throw new LianfaError('document_tracked', { file, found });
    }
    if (losses === undefined)
      throw new LianfaError('document_incomplete', {
        file,
        losses: said('图表“用水量”不能显示。', 'The chart is missing.'),
      });
    const input = {
      title: '关于水价的通知',
      source: '示例市人民政府',
      body: { format: 'html', content: '<p>正文</p>' },
    };
    response.status(201).json({ release: store(checked(checkFields(releaseInput, input))), dropped: [] });
  });
  api.put('/releases/:id', (request, response) => {
    response.json({
      release: store(checked(checkFields(releaseUpdate, request.body)), request.params.id),
      dropped: [],
    });
  });
  api.get('/releases/:id', (request, response) =>
    found(
      response,
      releases.find(({ id }) => id === request.params.id),
    ),
  );
  api.get('/releases/:id/revisions', (request, response) => {
    const newest = releases.find(({ id }) => id === request.params.id)?.revision;
    response.json([...(earlier.get(request.params.id) ?? []), ...(newest ? [newest] : [])]);
  });
  api.get('/releases/:id/status', (request, response) => {
    response.json(statusOf(request.params.id));
  });
  api.get('/releases/:id/placements', (request, response) => {
    const { channel, state, q, after, limit } = request.query as Record<string, string | undefined>;
    const rows = placements.filter(
      (row) =>
        row.release === request.params.id &&
        (!channel || row.channel === channel) &&
        (!state || row.state === state) &&
        (!q || row.accountName.startsWith(q) || row.organizationName.startsWith(q)) &&
        (!after || row.id > after),
    );
    const items = rows.slice(0, Number(limit));
    response.json({ items, ...(rows.length > items.length && { next: items.at(-1)?.id }) });
  });
  api.post('/releases/:id/sign', (request, response) => {
    orders.push({ path: request.path, body: request.body });
    const { revision } = signOrder.parse(request.body);
    const release = releases.find(({ id }) => id === request.params.id);
    if (release?.revision.id !== revision) throw new LianfaError('revision_stale');
    if (release.revision.signed) throw new LianfaError('already_signed');
    release.revision.signed = { by: user.id, at: new Date().toISOString() };
    release.signed = revision;
    response.json(release);
  });
  api.post('/releases/:id/publish', (request, response) => {
    orders.push({ path: request.path, body: request.body });
    const release = releases.find(({ id }) => id === request.params.id);
    if (!release?.revision.signed) throw new LianfaError('not_signed');
    const { revision, again } = publishOrder.parse(request.body);
    const earlier = releases.find(
      (other) => other.publishedAt && other.id !== release.id && other.title === release.title,
    );
    if (earlier?.publishedAt && revision === release.revision.id && !again)
      throw new LianfaError('already_published_lately', {
        title: earlier.title,
        release: earlier.id,
        at: beijingMinute(earlier.publishedAt),
        hours: '24',
      });
    release.publishedAt = new Date().toISOString();
    const standing = placements.filter((row) => row.release === release.id);
    for (const row of standing) {
      row.wanted = { seq: row.wanted.seq + 1, revision: release.revision.id };
      row.state = 'queued';
    }
    if (standing.length === 0) placements.push(...placementsOf(release.id, 8, 'queued', release.revision.id));
    response.status(202).json({});
  });
  api.post('/releases/:id/withdraw', (request, response) => {
    orders.push({ path: request.path, body: request.body });
    const release = releases.find(({ id }) => id === request.params.id);
    if (release) release.withdrawnAt = new Date().toISOString();
    for (const row of placements.filter(({ release: of }) => of === request.params.id)) {
      row.wanted = { seq: row.wanted.seq + 1 };
      move(row.id, 'queued');
    }
    response.status(202).json({});
  });
  api.get('/placements/:id', (request, response) =>
    found(
      response,
      placements.find(({ id }) => id === request.params.id),
    ),
  );
  api.post('/placements/:id/retry', (request, response) => {
    orders.push({ path: request.path, body: request.body });
    move(request.params.id, 'queued');
    response.status(202).json({});
  });
  api.post('/placements/:id/resolve', (request, response) => {
    const order = resolveOrder.parse(request.body);
    orders.push({ path: request.path, body: order });
    move(
      request.params.id,
      order.outcome === 'published' ? 'confirmed' : order.outcome === 'cancelled' ? 'cancelled' : 'queued',
    );
    response.status(202).json({});
  });
  api.get('/events', (request, response) => {
    if (down) {
      response.status(503).end();
      return;
    }
    const release = request.query['release'] as string | undefined;
    response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' }).flushHeaders();
    const line = { release, response };
    lines.add(line);
    if (release !== undefined) tell(line.response, 'status', statusOf(release));
    request.on('close', () => lines.delete(line));
  });

  const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    if (error instanceof LianfaError) response.status(error.status).json({ error: error.toJSON() });
    else next(error);
  };
  api.use(answerErrors);
  app.use('/api/v1', api);
  app.use(express.static(folder, { index: false }));
  app.get('/{*path}', (_, response) => {
    response.sendFile(join(folder, 'index.html'));
  });

  function statusOf(id: string): ReleaseStatus {
    const rows = placements.filter((row) => row.release === id);
    const sums = new Map<string, ReleaseStatus['counts'][number]>();
    for (const { channel, state } of rows) {
      const key = `${channel} ${state}`;
      sums.set(key, { channel, state, count: (sums.get(key)?.count ?? 0) + 1 });
    }
    // Every sequence that is wanted somewhere was ordered.
    const wanted = new Map(rows.map((row) => [row.wanted.seq, row.wanted.revision]));
    if (rows.length > 0 && !wanted.has(1)) wanted.set(1, `${id}-v1`);
    return {
      release: id,
      counts: [...sums.values()],
      total: rows.length,
      finished: rows.length > 0 && rows.every(({ state }) => isFinal(state)),
      orders: [...wanted]
        .sort(([one], [other]) => one - other)
        .map(([seq, revision]) => ({
          id: `d-${id}-${seq}`,
          seq,
          action: revision === undefined ? ('withdraw' as const) : ('publish' as const),
          ...(revision !== undefined && { revision }),
          lane: id === 'r1' ? ('emergency' as const) : ('routine' as const),
          state: 'done' as const,
          placements: rows.length,
          at: new Date(Date.now() - 60_000).toISOString(),
          by: user.id,
        })),
    };
  }

  function move(id: string, to: PlacementBody['state'], more: Partial<PlacementBody> = {}): void {
    const row = placements.find((placement) => placement.id === id);
    if (!row) throw new Error(`no placement ${id}`);
    const at = new Date().toISOString();
    delete row.cause;
    delete row.todo;
    delete row.evidence;
    const event = { id: `${id}-${row.events.length}`, is: happenedBy[to], to, at, seq: row.wanted.seq, by: 'publish' };
    Object.assign(row, { state: to, since: at, ...knownOf(row, to, at), ...more, events: [...row.events, event] });
    for (const { release, response } of lines) {
      if (release === undefined) tell(response, 'releases', { ids: [row.release] });
      if (release !== row.release) continue;
      tell(response, 'status', statusOf(row.release));
      tell(response, 'placements', { ids: [id] });
    }
  }

  function store(input: ReleaseInput & { change?: Change | undefined }, id?: string): ReleaseBody {
    const known = releases.find((release) => release.id === id);
    const made = releaseOf(
      known?.id ?? `n${(saved += 1)}`,
      input.title,
      input.kind,
      false,
      (known?.revisions ?? 0) + 1,
    );
    const { source, summary, columns, keywords, policy, emergency, interprets } = input;
    Object.assign(made.revision, {
      source,
      body: input.body.content,
      summary,
      columns,
      keywords,
      policy,
      emergency,
      interprets,
    });
    if (known) {
      earlier.set(known.id, [...(earlier.get(known.id) ?? []), known.revision]);
      if (known.signed !== undefined) {
        made.signed = known.signed;
        if (!emergency) made.revision.change = input.change ?? 'correction';
      }
      Object.assign(known, made);
    } else releases.unshift(made);
    return made;
  }

  const server: Server = createServer(app);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    placements,
    accounts,
    releases,
    earlier,
    orders,
    imports,
    move,
    failing,
    authorisations,
    notices,
    dropLines() {
      down = true;
      for (const { response } of lines) response.destroy();
    },
    mend() {
      down = false;
    },
    endSessions() {
      sessions.clear();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** One rule of those that need more than the form. */
function checked<T extends ReleaseInput>(input: T): T {
  if (input.emergency?.msgType === 'Alert' && input.emergency.onset === undefined)
    throw new LianfaError('field_missing', { field: 'emergency.onset' });
  return input;
}

function tell(response: Response, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

function found(response: Response, body: unknown): void {
  if (body) response.json(body);
  else
    refuse(
      response,
      404,
      'not_found',
      said('没有找到。', 'Not found.'),
      said('请核对编号或地址。', 'Check the id or address.'),
    );
}

function refuse(
  response: Response,
  status: number,
  code: string,
  message: { zh: string; en: string },
  todo: { zh: string; en: string },
): void {
  response.status(status).json({ error: { code, message, todo } });
}

function hubUrl(request: Request): string {
  return `${request.protocol}://${request.get('host') ?? ''}`;
}

function cookieOf(request: Request): string {
  return /(?:^|; )lianfa=([^;]+)/.exec(request.get('cookie') ?? '')?.[1] ?? '';
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
