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
        // These are at the top, where tsconfig.json includes src alone.
        projectService: { allowDefaultProject: ['*.ts'] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      // A promise that nobody waits for hides its failure, and in a test the failure of what it asserts.
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  {
    files: ['*.js', '*.ts', 'build/**', 'e2e/**'],
    languageOptions: { globals: globals.node },
    rules: {
      // The compiler's noUncheckedIndexedAccess asks for a proof that a regular expression's groups do not need.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    // Every recommended rule is on. expect-expect has to be told which functions of ours assert something.
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
      // Both would be blocked by the content security policy, in the member's browser only.
      'svelte/no-at-html-tags': 'error',
      'svelte/no-inline-styles': ['error', { allowTransitions: false }],
      'no-console': 'error',
    },
  },
);
