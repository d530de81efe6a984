/*
 * Imports go down only, types included: each line is a floor, and no room knows one on its own floor or above.
 * `npx depcruise src hooks install` checks it.
 */
const floors = [
  ['src/main.ts'],
  ['src/cli'],
  ['src/import'],
  ['src/publish', 'src/watch'],
  ['src/apply', 'src/doctor', 'src/netns'],
  ['src/hook', 'src/check', 'src/install'],
  ['src/reconcile'],
  ['src/desired', 'src/explain'],
  ['src/state', 'src/netfilter'],
  ['src/backends', 'src/policy', 'src/planner', 'src/libvirt', 'src/xen'],
  ['src/system'],
  ['src/model'],
];

/** Which packages belong to one room alone. */
const homes = {
  commander: '^src/cli/',
  diff: '^src/cli/diff[.]ts$',
  '@valibot/to-json-schema': '^src/(policy/configuration-schema|cli/status-schema)[.]ts$',
  'string-width': '^src/cli/output[.]ts$',
  'jsonc-parser': '^src/import/',
  winston: '^src/system/(winston-log|winston-create-logger[.]d)[.]ts$',
  'winston-transport': '^src/system/winston-log[.]ts$',
  xml2js: '^src/libvirt/xml[.]ts$',
  execa: '^src/system/run-patiently[.]ts$',
};

const pattern = (rooms) => rooms.map((room) => (room.endsWith('.ts') ? `^${room}$` : `^${room}/`)).join('|');

export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    ...floors.flatMap((rooms, floor) =>
      rooms.map((room) => ({
        name: `${room.replace('src/', '')}-imports-down`,
        severity: 'error',
        from: { path: pattern([room]) },
        to: {
          path: `${pattern(floors.slice(0, floor + 1).flat())}`,
          pathNot: `${pattern([room])}|^src/model/`,
        },
      })),
    ),
    ...Object.entries(homes).map(([name, home]) => ({
      name: `${name}-has-one-room`,
      severity: 'error',
      from: { path: '^(src|hooks)/', pathNot: home },
      to: { path: `node_modules/${name}/` },
    })),
    {
      name: 'programs-are-run-by-system',
      severity: 'error',
      from: { path: '^(src|hooks)/', pathNot: '^src/system/run' },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'hooks-are-tables',
      severity: 'error',
      from: { path: '^hooks/' },
      to: { path: '^src/', pathNot: '^src/model/' },
    },
    { name: 'nothing-unknown', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['es6', 'cjs'],
  },
};
