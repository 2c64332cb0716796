/**
 * Imports point downwards only:
 * errors, splitMap, gateway, yaml < policy < policies/<id>, engine < config, admission, report < cluster, telemetry, output < serve, check, audit, status, enforcement, doctor < commands < main.ts
 * test/repo/layers.test.ts plants a violation of each rule, so that a rule that matches nothing cannot stay green.
 */
const LAYERS = [
  ['errors.ts', 'splitMap.ts', 'gateway', 'yaml'],
  ['policy'],
  ['engine'],
  ['config', 'admission', 'report'],
  ['cluster', 'telemetry', 'output'],
  ['serve', 'check', 'audit', 'status', 'enforcement', 'doctor'],
  ['commands'],
  ['main.ts'],
];
const path = (names) =>
  `^src/(${names.map((name) => (name.endsWith('.ts') ? name.replace('.', '[.]') + '$' : name + '/')).join('|')})`;

const upwards = LAYERS.slice(0, -1).map((layer, level) => ({
  name: `no-import-upwards-from-${layer[0].replace('.ts', '')}`,
  comment: 'A lower layer may not reach a higher one, not even through others.',
  severity: 'error',
  from: { path: path(layer) },
  to: { path: path(LAYERS.slice(level + 1).flat()), reachable: true },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...upwards,
    {
      name: 'no-circular',
      comment: 'A cycle is two nouns that are one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'gateway-stands-alone',
      comment: 'What Gateway API means depends on nothing of ours but the error table.',
      severity: 'error',
      from: { path: '^src/gateway/' },
      to: { path: '^(src/(?!gateway/|errors)|policies/)' },
    },
    {
      name: 'policies-enter-by-two-doors',
      comment: 'A policy imports #policy, #gateway, and its own folder.',
      severity: 'error',
      from: { path: '^policies/([^/]+)/' },
      to: { path: '^(src|policies)/', pathNot: ['^src/(policy|gateway)/index[.]ts$', '^policies/$1/'] },
    },
    {
      name: 'core-knows-no-policy',
      comment: 'The policies are handed in by main.ts.',
      severity: 'error',
      from: { path: '^src/(?!main[.]ts$)' },
      to: { path: '^policies/' },
    },
    {
      name: 'faces-are-strangers',
      comment: 'Faces share the layers below, never each other.',
      severity: 'error',
      from: { path: '^src/(serve|check|audit|status|enforcement|doctor)/' },
      to: { path: '^src/(serve|check|audit|status|enforcement|doctor)/', pathNot: '^src/$1/' },
    },
    {
      name: 'cluster-client-in-live-only',
      comment: 'The client library costs 0.5 s and 80 MiB to import.',
      severity: 'error',
      from: { path: '^(src|policies)/', pathNot: '^src/cluster/live' },
      to: { path: 'node_modules/@kubernetes/' },
    },
    {
      name: 'json-patch-in-one-adapter',
      comment: 'An unmaintained library stays behind one file.',
      severity: 'error',
      from: { path: '^(src|policies)/', pathNot: '^src/engine/jsonPatch[.]ts$' },
      to: { path: 'node_modules/jsonpatch/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
