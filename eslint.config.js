import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Folders whose code is a function of its arguments: no clock, no randomness, no process, no console. */
const PURE = ['src/errors.ts', 'src/{gateway,yaml,policy,engine,config,admission,report}/**/*.ts', 'policies/**/*.ts'];

const NO_ASSIGN = {
  selector: "CallExpression[callee.object.name='Object'][callee.property.name='assign']",
  message: 'An own __proto__ key of the input would become the prototype: build the object field by field.',
};
const NO_INNER_GENERATOR = {
  selector: ':function :function[generator=true]',
  message:
    'A generator function made at run time leaves a hidden class behind that holds its closure: declare it outside.',
};
/** The two doors of the vocabulary have one name each. */
const DOORS = {
  group: ['**/gateway/index.ts', '**/policy/index.ts'],
  message: 'Import it as #gateway or #policy.',
};

export default tseslint.config(
  { ignores: ['dist/', '.cache/', 'node_modules/', '**/*.generated.*', 'test/types/fixtures/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-restricted-syntax': ['error', NO_ASSIGN],
    },
  },
  {
    files: ['src/**/*.ts', 'policies/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', NO_ASSIGN, NO_INNER_GENERATOR],
      'no-restricted-imports': ['error', { patterns: [DOORS] }],
    },
  },
  {
    files: PURE,
    rules: {
      'no-console': 'error',
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'performance', 'fetch'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is passed in.' },
        { object: 'Math', property: 'random', message: 'The core is deterministic.' },
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [DOORS, { group: ['node:*', '!node:url', '!node:crypto', 'pino', 'fastify', '@kubernetes/*'] }] },
      ],
    },
  },
  { files: ['**/*.js'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
);
