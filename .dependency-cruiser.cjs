// The import rules of engine/ARCHITECTURE.md. A module may import itself and the modules listed for it, nothing else.
const { join } = require('node:path');

const allowed = {
  core: [],
  wire: ['core'],
  state: ['wire', 'core'],
  replication: ['state', 'wire', 'core'],
  simulation: ['state', 'wire', 'core'],
  transport: ['core'],
  server: ['transport', 'simulation', 'replication', 'state', 'wire', 'core'],
  client: ['transport', 'simulation', 'replication', 'state', 'wire', 'core'],
  testing: ['server', 'client', 'transport', 'simulation', 'replication', 'state', 'wire', 'core'],
  recording: ['testing', 'core'],
  devtools: ['core'],
  adapters: ['core'],
};
// Built on what a user can import: the entry points.
const onEntryPoints = ['recording', 'devtools', 'adapters'];

const entryPoints = '^engine/[^/]+\\.ts$';
const nodeFiles = '\\.node\\.ts$';
const libraries = (...names) => `(^|/)node_modules/(@types/)?(${names.join('|')})/`;
const users = '^(demo-game|bench|test/e2e)/';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const moduleRules = Object.entries(allowed).map(([name, others]) => {
  const own = `^engine/(${[name, ...others].join('|')})/`;
  return rule(
    `${name}-imports`,
    `${name} may import: ${others.join(', ') || 'no other module'}`,
    { path: `^engine/${name}/` },
    { path: '^engine/', pathNot: onEntryPoints.includes(name) ? [own, entryPoints] : [own] },
  );
});

module.exports = {
  forbidden: [
    ...moduleRules,
    rule('no-cycles', 'imports have one direction', {}, { circular: true }),
    rule('resolvable', 'every import leads somewhere', {}, { couldNotResolve: true, pathNot: ['\\?', '^virtual:'] }),
    rule(
      'engine-alone',
      'the engine knows nothing of its users',
      { path: '^engine/' },
      { path: '^(demo-game|bench|test)/' },
    ),
    rule(
      'engine-installed',
      'what the engine imports is installed with it',
      { path: '^engine/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    ),
    rule(
      'node-core-in-node-files',
      'Node modules only in *.node.ts',
      { path: '^engine/', pathNot: nodeFiles },
      { dependencyTypes: ['core'] },
    ),
    rule(
      'node-libraries-in-node-files',
      'libraries that need Node only in *.node.ts',
      { path: '^engine/', pathNot: nodeFiles },
      { path: libraries('ws', 'msgpackr') },
    ),
    rule(
      'client-codec-in-one-file',
      'one file holds the codec library of the client',
      { path: '^engine/', pathNot: '^engine/client/value-codec\\.ts$' },
      { path: libraries('@msgpack') },
    ),
    rule(
      'platform-from-entry-points',
      'entry points hand platform files in; a platform file may use its own kind',
      { path: '^engine/', pathNot: ['^engine/(server|client|testing)\\.ts$', '\\.(node|browser)\\.ts$'] },
      { path: '^engine/.*\\.(node|browser)\\.ts$' },
    ),
    rule(
      'page-without-node',
      'what a page loads never reaches Node or the server, however far',
      { path: ['^engine/(index|client)\\.ts$', '\\.browser\\.ts$'] },
      { reachable: true, path: [nodeFiles, libraries('ws', 'msgpackr'), '^engine/(server|testing)[/.]'] },
    ),
    rule(
      'server-without-client',
      'the server never reaches the client, however far',
      { path: '^engine/server\\.ts$' },
      { reachable: true, path: '^engine/(client|testing)[/.]' },
    ),
    rule(
      'shared-without-library',
      'the shared entry holds no library and no client',
      { path: '^engine/index\\.ts$' },
      { reachable: true, path: ['(^|/)node_modules/', '^engine/client/'] },
    ),
    rule(
      'users-import-by-name',
      'demo, benches and end-to-end tests import tickwire by name, as a user does',
      { path: users },
      { path: '^engine/', dependencyTypes: ['local'] },
    ),
    rule(
      'game-is-pure',
      'the simulation of the demo imports itself and tickwire only',
      { path: '^demo-game/sim/' },
      { pathNot: ['^demo-game/sim/', '^engine/'] },
    ),
    rule(
      'demo-page-without-server',
      'the page of the demo never holds server code',
      { path: '^demo-game/client/' },
      { path: ['^demo-game/server/', '^engine/(server|testing)\\.ts$'] },
    ),
  ],
  options: {
    tsConfig: { fileName: join(__dirname, 'tsconfig.json') },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^(engine|demo-game)/dist/', '^bench/peers/', '^test/architecture/fixtures/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['tickwire-source', 'import', 'node', 'types', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
