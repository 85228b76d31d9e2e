import js from '@eslint/js';
import playwright from 'eslint-plugin-playwright';
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['dist/', 'src/api/schema.d.ts', 'test-results/', 'playwright-report/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  ts.configs.strict,
  ts.configs.stylistic,
  svelte.configs.recommended,
  { languageOptions: { globals: globals.browser } },
  {
    files: ['**/*.ts', '**/*.svelte'],
    languageOptions: {
      parserOptions: {
        // These are outside of src, the only folder that tsconfig.json includes.
        projectService: { allowDefaultProject: ['*.ts'] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      // A promise that is not awaited hides its rejection, and in a test a failed assertion.
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  {
    files: ['*.js', '*.ts', 'build/**', 'e2e/**'],
    languageOptions: { globals: globals.node },
    rules: {
      // With noUncheckedIndexedAccess each group of a regular expression may be undefined, though the match has it.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    // Every recommended rule is on. expect-expect needs the names of our functions that assert something.
    files: ['e2e/**'],
    ...playwright.configs['flat/recommended'],
    rules: {
      ...playwright.configs['flat/recommended'].rules,
      'playwright/expect-expect': [
        'warn',
        { assertFunctionNames: ['isDeadEnd', 'inspect', 'redeem', 'seeMember'] },
      ],
      'playwright/no-action-timeout': 'warn',
      'playwright/no-magic-timeouts': 'warn',
      'playwright/no-slowed-test': 'warn',
    },
  },
  {
    files: ['e2e/**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.name='setTimeout'][arguments.length>1]",
          message:
            'Wait for an event: a fixed time is too short on a busy machine and wasted on an idle one.',
        },
      ],
    },
  },
  {
    files: ['src/**'],
    rules: {
      // The content security policy blocks both, which would show in the members' browsers only.
      'svelte/no-at-html-tags': 'error',
      'svelte/no-inline-styles': ['error', { allowTransitions: false }],
      'no-console': 'error',
    },
  },
);
