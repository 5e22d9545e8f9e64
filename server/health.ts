/** For the machine room: alive, ready, figures. */
import { Router } from 'express';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestHandler } from 'express';
import type { Services } from './services.js';

/** Milliseconds that the store and Redis have to answer. */
const within = 2_000;

export interface Health {
  router: Router;
  /** Measures every request. */
  measure: RequestHandler;
}

export function health(services: Pick<Services, 'store' | 'redis' | 'queueAges' | 'leaving'>): Health {
  const { store, redis, leaving } = services;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: 'lianfa_http_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5],
  });
  new Gauge({
    name: 'lianfa_queue_oldest_seconds',
    help: 'How long the oldest job of a queue has waited for a worker; every server tells the same',
    labelNames: ['kind', 'lane', 'queue'],
    registers: [registry],
    async collect() {
      // What was true a minute ago is worse than nothing to whoever starts workers by it.
      this.reset();
      const ages = await services.queueAges().catch(() => new Map<string, number>());
      for (const [queue, seconds] of ages) {
        const [kind = '', lane = ''] = queue.split('-');
        this.set({ kind, lane, queue }, seconds);
      }
    },
  });
  // By the very letter, as the rules of balancers go that keep these from the public.
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/healthz', (_, response) => {
    response.json({ ok: true });
  });
  router.get('/readyz', async (_, response) => {
    leaving.asked();
    if (leaving.begun()) {
      response.status(503).json({ ok: false, leaving: true });
      return;
    }
    const [storeReady, redisReady] = await Promise.all([
      answers(store.organizations.findById('-').lean().exec()),
      answers(redis.ping()),
    ]);
    response
      .status(storeReady && redisReady ? 200 : 503)
      .json({ ok: storeReady && redisReady, store: storeReady, redis: redisReady });
  });
  router.get('/metrics', async (_, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  return {
    router,
    measure(request, response, next) {
      const end = seconds.startTimer();
      // The route, not the address: addresses hold ids, and every label value is a series for ever.
      response.once('finish', () =>
        end({ method: request.method, route: routeOf(request.route), status: String(response.statusCode) }),
      );
      next();
    },
  };
}

function routeOf(route: unknown): string {
  const path = (route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path : 'other';
}

async function answers(work: Promise<unknown>): Promise<boolean> {
  const late = new Promise<boolean>((done) => {
    setTimeout(() => done(false), within).unref();
  });
  return Promise.race([
    work.then(
      () => true,
      () => false,
    ),
    late,
  ]);
}
