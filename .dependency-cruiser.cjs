/** Dependencies point one way: dashboard, cli → (HTTP) → server → core ← workers → channels. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-circle-between-rooms',
      scope: 'folder',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'channels-know-nobody',
      severity: 'error',
      from: { path: '^channels/' },
      to: { path: '^(core|server|workers|cli|dashboard)/' },
    },
    {
      name: 'channel-folders-are-closed',
      severity: 'error',
      from: { pathNot: '^channels/', path: '^(core|server|workers|cli)/' },
      to: { path: '^channels/[^/]+/' },
    },
    {
      name: 'channels-do-not-know-each-other',
      severity: 'error',
      from: { path: '^channels/([^/]+)/' },
      to: { path: '^channels/([^/]+)/', pathNot: '^channels/$1/' },
    },
    {
      name: 'sms-knows-the-way-out-alone',
      severity: 'error',
      from: { path: '^sms/' },
      to: { path: '^(core|server|workers|cli|dashboard)/|^channels/[^/]+/' },
    },
    {
      name: 'sms-folders-are-closed',
      severity: 'error',
      from: { pathNot: '^sms/', path: '^(core|server|workers|cli|channels)/' },
      to: { path: '^sms/[^/]+/' },
    },
    {
      name: 'core-knows-no-face-and-no-worker',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: '^(server|workers|cli|dashboard)/' },
    },
    {
      name: 'server-knows-no-worker',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^(workers|cli|dashboard)/' },
    },
    {
      name: 'workers-know-no-face',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^(server|cli|dashboard)/' },
    },
    {
      name: 'dashboard-sees-only-the-contract',
      severity: 'error',
      from: { path: '^dashboard/' },
      to: {
        path: '^(workers|channels|sms|cli)/|^server/(?!contract/)|^core/(?!.*(input|report|said|ids|import-result|model/roles)\\.ts)',
      },
    },
    {
      name: 'no-test-in-product',
      severity: 'error',
      from: { path: '^(core|server|workers|channels|cli|dashboard)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^test/|\\.test\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'node_modules|\\.test\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
