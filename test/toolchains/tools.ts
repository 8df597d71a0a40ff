/**
 * The tools that compile or run decorated classes, each with what it has to be told, and whether it works. The table of
 * docs/toolchains.md says the same; `run.ts` tries it.
 */

export type Decorators = 'TC39' | 'legacy';

export interface Attempt {
  readonly tool: string;
  readonly decorators: Decorators;
  readonly expected: 'works' | 'fails';
  /** Files besides the program, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** One after the other; the last one runs the program. */
  readonly commands: readonly (readonly string[])[];
  /** Whether the program is a test of a test runner. */
  readonly isTest?: boolean;
}

const BOTH: readonly Decorators[] = ['TC39', 'legacy'];

function tsconfig(decorators: Decorators): string {
  const experimentalDecorators = decorators === 'legacy';
  const compilerOptions = {
    target: 'es2022',
    module: 'node16',
    moduleResolution: 'node16',
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    outDir: 'out',
    experimentalDecorators,
  };
  return JSON.stringify({ compilerOptions, include: ['*.ts'] });
}

function swcrc(decorators: Decorators): string {
  const transform = decorators === 'legacy' ? { legacyDecorator: true } : { decoratorVersion: '2022-03' };
  return JSON.stringify({
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true }, transform },
    module: { type: 'commonjs' },
  });
}

const JEST_SWC = 'module.exports = { transform: { "\\\\.ts$": "@swc/jest" } };';
const JEST_TS = 'module.exports = { transform: { "\\\\.ts$": ["ts-jest", { diagnostics: false }] } };';
const VITEST_TC39 = `
import { transform } from 'esbuild';
import { defineConfig } from 'vitest/config';
const tc39Decorators = {
  name: 'tc39-decorators',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('.ts') ? transform(code, { loader: 'ts', target: 'es2022', sourcefile: id, sourcemap: true }) : undefined,
};
export default defineConfig({ plugins: [tc39Decorators], test: { globals: true } });`;
const VITEST_PLAIN = `
import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { globals: true } });`;

/** `npx` finds the tools that are installed above the program's folder. */
const npx = (...command: string[]): readonly string[] => ['npx', '--no', ...command];

export const ATTEMPTS: readonly Attempt[] = BOTH.flatMap((decorators): Attempt[] => {
  const isLegacy = decorators === 'legacy';
  const common = { 'tsconfig.json': tsconfig(decorators) };
  return [
    {
      tool: 'tsc',
      decorators,
      expected: 'works',
      files: common,
      commands: [npx('tsc'), ['node', 'out/main.js']],
    },
    { tool: 'ts-node', decorators, expected: 'works', files: common, commands: [npx('ts-node', 'main.ts')] },
    {
      tool: 'ts-node --swc',
      decorators,
      expected: 'fails',
      files: common,
      commands: [npx('ts-node', '--swc', 'main.ts')],
    },
    { tool: 'tsx', decorators, expected: 'works', files: common, commands: [npx('tsx', 'main.ts')] },
    {
      tool: 'esbuild --target=es2022',
      decorators,
      expected: 'works',
      files: common,
      commands: [
        npx('esbuild', 'main.ts', '--target=es2022', '--format=cjs', '--outfile=out.cjs'),
        ['node', 'out.cjs'],
      ],
    },
    {
      tool: 'esbuild --minify',
      decorators,
      expected: 'fails',
      files: common,
      commands: [
        npx('esbuild', 'main.ts', '--target=es2022', '--minify', '--format=cjs', '--outfile=out.cjs'),
        ['node', 'out.cjs'],
      ],
    },
    {
      tool: 'swc',
      decorators,
      expected: 'works',
      files: { '.swcrc': swcrc(decorators) },
      commands: [npx('swc', 'main.ts', '-o', 'out.cjs'), ['node', 'out.cjs']],
    },
    {
      tool: 'jest with ts-jest',
      decorators,
      expected: 'works',
      isTest: true,
      files: { ...common, 'jest.config.js': JEST_TS },
      commands: [npx('jest')],
    },
    {
      tool: 'jest with @swc/jest',
      decorators,
      expected: 'works',
      isTest: true,
      files: { '.swcrc': swcrc(decorators), 'jest.config.js': JEST_SWC },
      commands: [npx('jest')],
    },
    {
      tool: 'Vitest',
      decorators,
      expected: isLegacy ? 'works' : 'fails',
      isTest: true,
      files: { ...common, 'vitest.config.mjs': VITEST_PLAIN },
      commands: [npx('vitest', 'run')],
    },
    ...(isLegacy
      ? []
      : [
          {
            tool: 'Vitest with a plugin',
            decorators,
            expected: 'works',
            isTest: true,
            files: { ...common, 'vitest.config.mjs': VITEST_TC39 },
            commands: [npx('vitest', 'run')],
          } as const,
        ]),
  ];
});
