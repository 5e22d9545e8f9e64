/** What operators start from: the manifests for Kubernetes and the files for compose, held to the published schemas and to the program. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { lanes } from '../core/model/placement.js';
import { workerRoles } from '../workers/roles.js';

const root = join(__dirname, '..');
const folder = join(root, 'deploy/kubernetes');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }).optional(),
});
type Manifest = z.output<typeof manifest>;

const manifests = files
  .filter((name) => name !== 'kustomization.yaml')
  .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
  .map((document) => {
    expect(document.errors).toEqual([]);
    return manifest.parse(document.toJS());
  });

interface Model {
  prototype: { validate(this: unknown): void };
}

/** Throws what the published schema says against it. On the thing itself: a `new` one would be a copy, and read everything. */
function validate({ apiVersion, kind }: Manifest, given: unknown): void {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- which one it is stands in the file
  const model = (require(`kubernetes-models/${apiVersion}/${kind}`) as Record<string, Model>)[kind];
  if (!model) throw new Error(`${apiVersion} knows no ${kind}`);
  model.prototype.validate.call(given);
}

/** Paths of fields that nobody has read: Kubernetes' schemas forbid no unknown field, so a field that the check never asks for is a misspelt one. */
function watched(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const inside = new Map<string | symbol, unknown>();
  for (const [name, one] of Object.entries(value)) {
    if (!Array.isArray(value)) unread.add(`${path}.${name}`);
    inside.set(name, watched(one, `${path}.${name}`, unread));
  }
  return new Proxy(value, {
    get(target, name, receiver) {
      unread.delete(`${path}.${String(name)}`);
      return inside.get(name) ?? (Reflect.get(target, name, receiver) as unknown);
    },
  });
}

const container = z.object({
  args: z.array(z.string()),
  env: z.array(z.object({ name: z.string() })).default([]),
  readinessProbe: z.object({}),
  livenessProbe: z.object({}),
  startupProbe: z.object({}),
  securityContext: z.object({ readOnlyRootFilesystem: z.literal(true), allowPrivilegeEscalation: z.literal(false) }),
  resources: z.object({ limits: z.object({ memory: z.string() }) }),
});
const workload = z.object({
  kind: z.enum(['Deployment', 'StatefulSet']),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicas: z.number().min(2),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({ terminationGracePeriodSeconds: z.number(), containers: z.tuple([container]) }),
    }),
  }),
});
const workloads = manifests.flatMap((one) => {
  const read = workload.safeParse(one);
  return read.success ? [read.data] : [];
});

const named = z.object({ metadata: z.object({ name: z.string() }) });
const ofKind = (kind: string): Manifest[] => manifests.filter((one) => one.kind === kind);

/** What a command line works at: `publish routine`, `server`. */
function partsOf(args: readonly string[]): string[] {
  const after = (option: string): string | undefined =>
    args.includes(option) ? args[args.indexOf(option) + 1] : undefined;
  const mine = after('--lane');
  return (after('--role') ?? '').split(',').map((role) => (mine === undefined ? role : `${role} ${mine}`));
}

/** Those that have lanes, once a lane: in one process an emergency would wait behind what is routine. */
const laned = ['publish', 'record', 'dispatch'];
const everyPart = ['server', ...workerRoles].flatMap((role) =>
  laned.includes(role) ? lanes.map((lane) => `${role} ${lane}`) : [role],
);

const settings = new Set(
  [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.replace(/[` ]/g, '')),
  ),
);

describe('the manifests for Kubernetes', () => {
  it.each(manifests.map((one) => [`${one.kind} ${one.metadata?.name ?? ''}`, one] as const))(
    'are what the published schema asks, and have no field that it does not know: %s',
    (_, one) => {
      const unread = new Set<string>();
      validate(one, watched(one, one.kind, unread));
      expect([...unread]).toEqual([]);
    },
  );

  it('would be refused with a wrong type, a missing field or a misspelt one', () => {
    const service = { apiVersion: 'apps/v1', kind: 'Deployment' };
    const good = { ...service, spec: { selector: {}, template: { metadata: {} } } };
    expect(() => {
      validate(service, { ...good, spec: { ...good.spec, replicas: 'two' } });
    }).toThrow(/replicas/);
    expect(() => {
      validate(service, { ...good, spec: { selector: {} } });
    }).toThrow(/template/);
    const unread = new Set<string>();
    validate(service, watched({ ...good, spec: { ...good.spec, replica: 2 } }, 'Deployment', unread));
    expect([...unread]).toEqual(['Deployment.spec.replica']);
  });

  it('are all applied, and nothing else', () => {
    const { resources } = z
      .object({ resources: z.array(z.string()) })
      .parse(parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')));
    expect(['kustomization.yaml', ...resources].sort()).toEqual([...files].sort());
  });

  it('start every role, on every lane that it has, in two pods at least', () => {
    expect(workloads).toHaveLength(ofKind('Deployment').length + ofKind('StatefulSet').length);
    const parts = workloads.flatMap(({ spec }) => partsOf(spec.template.spec.containers[0].args));
    expect(parts.sort()).toEqual([...everyPart].sort());
  });

  it('keep the names of those that record and the disks of the clocks, and one pod of each part whatever is taken away', () => {
    for (const { kind, spec } of workloads) {
      const [{ args, env }] = spec.template.spec.containers;
      const [records, leads] = ['record', 'clock'].map((role) => partsOf(args).some((part) => part.startsWith(role)));
      expect(kind).toBe(records || leads ? 'StatefulSet' : 'Deployment');
      expect(env.some(({ name }) => name === 'LIANFA_NAME')).toBe(records);
      // Longer than a role takes to finish what it is at (docs/operations.md, Replacing processes).
      expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(30);
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
    }
    const budgets = ofKind('PodDisruptionBudget').map((one) => named.parse(one).metadata.name);
    expect(budgets.sort()).toEqual(workloads.map(({ metadata }) => metadata.name).sort());
  });

  it('grow by the age of the oldest job, those publishers alone that are there for what is routine', () => {
    const [scaler, ...others] = ofKind('HorizontalPodAutoscaler').map((one) =>
      z
        .object({
          spec: z.object({
            scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
            minReplicas: z.number(),
            metrics: z.tuple([z.object({ external: z.object({ metric: z.object({ name: z.string() }) }) })]),
          }),
        })
        .parse(one),
    );
    expect(others).toEqual([]);
    const target = workloads.find(({ metadata }) => metadata.name === scaler?.spec.scaleTargetRef.name);
    expect(target && partsOf(target.spec.template.spec.containers[0].args)).toEqual(['publish routine']);
    expect(readFileSync(join(root, 'server/health.ts'), 'utf8')).toContain(
      `name: '${scaler?.spec.metrics[0].external.metric.name}'`,
    );
  });

  it('name no setting that the program does not have', () => {
    const config = z.object({ data: z.record(z.string(), z.string()) }).parse(ofKind('ConfigMap')[0]);
    const names = [
      ...Object.keys(config.data),
      ...workloads.flatMap(({ spec }) => spec.template.spec.containers[0].env.map(({ name }) => name)),
    ];
    expect(names.filter((name) => !settings.has(name))).toEqual([]);
  });
});

const service = z.object({
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
});
const compose = (file: string): Record<string, z.output<typeof service>> =>
  z
    .object({ services: z.record(z.string(), service) })
    .parse(parse(readFileSync(join(root, file), 'utf8'), { merge: true })).services;

describe('the files for compose', () => {
  const [plain, sentinel] = [compose('compose.yml'), compose('compose.sentinel.yml')];
  const ours = Object.entries(plain).flatMap(([name, { command }]) => (command ? [name] : []));

  it('start every role, on every lane that it has', () => {
    expect(
      Object.values(plain)
        .flatMap(({ command }) => (command ? partsOf(command) : []))
        .sort(),
    ).toEqual([...everyPart].sort());
  });

  it('lead every role to the Sentinels in the variant that has them', () => {
    for (const name of ours) expect(sentinel[name]?.environment['REDIS_URL']).toMatch(/^redis\+sentinel:.*\/lianfa$/);
  });

  it('name no setting that the program does not have', () => {
    const names = ours.flatMap((name) =>
      [plain, sentinel].flatMap((file) => Object.keys(file[name]?.environment ?? {})),
    );
    expect([...new Set(names)].filter((name) => !settings.has(name))).toEqual([]);
  });

  it('hold scripts that a shell can read', () => {
    const scripts = [plain, sentinel].flatMap((file) =>
      Object.values(file).flatMap(({ entrypoint }) => (entrypoint?.[1] === '-c' ? [entrypoint[2] ?? ''] : [])),
    );
    expect(scripts.length).toBeGreaterThan(7);
    for (const script of scripts) execFileSync('bash', ['-n', '-c', script.replaceAll('$$', '$')]);
  });
});
