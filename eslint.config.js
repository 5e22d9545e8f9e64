import tseslint from 'typescript-eslint';
import vue from 'eslint-plugin-vue';

export default tseslint.config(
  // dashboard/components.d.ts is written by the build.
  { ignores: ['dist/', 'node_modules/', 'data/', '.setup/', 'dashboard/components.d.ts'] },
  ...tseslint.configs.strict,
  // The formatter decides the lines. Vue's rules look at nothing but the dashboard, where alone Vue is: asked of every
  // file, they took a fifth of the time.
  ...[...vue.configs['flat/recommended'], vue.configs['no-layout-rules']].map((config) => ({
    files: ['dashboard/**/*.{ts,vue}'],
    ...config,
  })),
  {
    languageOptions: {
      parserOptions: {
        // One program for a folder's .ts and .vue: with other options for either, each change of kind loads it anew.
        projectService: {
          // Plain JavaScript belongs to no tsconfig, and must not leave a promise either.
          allowDefaultProject: [
            '*.js',
            '.*.cjs',
            'setup/*.mjs',
            'test/fixtures/*.cjs',
            'test/fixtures/*.mjs',
            'test/support/*.cjs',
            'test/conformance/store/*.cjs',
            'core/evidence/*.mjs',
          ],
          // There are sixteen of them, and room for a few more.
          maximumDefaultProjectFileMatchCount_THIS_WILL_SLOW_DOWN_LINTING: 20,
        },
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      // A leading underscore says: taken out of an object so that the rest is without it.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-empty': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: tseslint.parser } } },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  // What a reader's browser gets as it stands: no types there, and for old ones a `catch` names what it catches.
  { files: ['templates/**/*.js'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['templates/**/*.js'],
    rules: { '@typescript-eslint/no-unused-vars': ['error', { caughtErrorsIgnorePattern: '^_' }] },
  },
);
