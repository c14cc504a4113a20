import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** What each folder of src/ may import; main.tsx, which puts the page together, may import all. */
const mayImport = {
  signaling: ['signaling'],
  media: ['media'],
  mesh: ['mesh', 'session', 'media', 'signaling'],
  sfu: ['sfu', 'session', 'media', 'signaling'],
  session: ['session', 'media', 'signaling'],
  store: ['store', 'session', 'media', 'signaling'],
  check: ['check', 'sfu', 'session', 'media', 'signaling'],
  ui: ['ui', 'check', 'store', 'session', 'media', 'signaling'],
};
const layers = Object.keys(mayImport);
const tests = ['src/**/*.test.{ts,tsx}', 'src/**/testing/**'];

/** Words a person reads come from the catalogue. */
const noWordsInMarkup = [
  {
    selector: 'JSXText[value=/[A-Za-z]/]',
    message: 'Words belong into ui/strings.',
  },
  {
    selector:
      'JSXAttribute[name.name=/^(aria-label|aria-description|title|placeholder|alt|label)$/] > Literal[value=/[A-Za-z]/]',
    message: 'Words belong into ui/strings.',
  },
];

export default tseslint.config(
  { ignores: ['node_modules/', 'coverage/', '.cache/', 'src/signaling/protocol.ts'] },
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      complexity: ['error', 10],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.tsx'],
    extends: [jsxA11y.flatConfigs.strict, reactHooks.configs.flat['recommended-latest']],
    rules: {
      'max-lines-per-function': ['error', { max: 120, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', ...noWordsInMarkup],
    },
  },
  {
    files: ['src/ui/**/*.ts'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
  ...layers.map((layer) => ({
    files: [`src/${layer}/**/*.{ts,tsx}`],
    ignores: tests,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: layers
            .filter((other) => !mayImport[layer].includes(other))
            .map((other) => ({
              group: [`**/${other}/*`],
              message: `${layer}/ must not import ${other}/`,
            })),
        },
      ],
    },
  })),
  {
    files: tests,
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-syntax': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
