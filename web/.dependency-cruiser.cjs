/** What may depend on what, seen over the whole graph: cycles, and the walls of the page. */

const wall = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: `^src/(${from})/` },
  to: { path: `^src/(${to})/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'Modules that need each other are one module, or three.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-code-in-the-page',
      severity: 'error',
      comment: 'Tests and their support stay out of what is built.',
      from: { pathNot: '(\\.test\\.tsx?$|/testing/)' },
      to: { path: '(\\.test\\.tsx?$|/testing/)' },
    },
    {
      name: 'no-dev-dependency-in-the-page',
      severity: 'error',
      from: { path: '^src/', pathNot: '(\\.test\\.tsx?$|/testing/)' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    wall('mesh-knows-no-sfu', 'mesh', 'sfu', 'Two implementations of one interface.'),
    wall('sfu-knows-no-mesh', 'sfu', 'mesh', 'Two implementations of one interface.'),
    wall(
      'ui-above-the-engines',
      'ui',
      'mesh|sfu',
      'Components see the store, session types and media-level helpers.',
    ),
    wall(
      'nothing-below-draws',
      'signaling|media|mesh|sfu|session|store|check',
      'ui',
      'The page below the components runs without them.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.css'],
    },
  },
};
