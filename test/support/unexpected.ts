/**
 * Root hooks: a promise that was rejected and forgotten, or a warning of the toolkit's that no test has expected, fails
 * the run at its end, with the name of the test that was running. Neither belongs to an assertion, so without this
 * nobody would see them.
 */

export interface ExpectedWarnings {
  /** What was warned of with this code since, once `delivered` has resolved. */
  readonly messages: readonly string[];
  /** Node delivers warnings on a later turn of the event loop. */
  delivered(): Promise<void>;
}

/** What was found while the present test ran, and, in words, while all before it did. */
let found: { readonly what: string; readonly error: Error }[] = [];
const reports: string[] = [];
const expected = new Map<string, string[]>();

// Captured at load: a test's fake timers must not hold the hooks back.
const { setImmediate } = globalThis;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Until the end of the running test, warnings of this code are collected instead of failing it. */
export function expectWarning(code: `TIERCEL_${string}`): ExpectedWarnings {
  const messages: string[] = [];
  expected.set(code, messages);
  return { messages, delivered: turn };
}

function onWarning(warning: Error & { readonly code?: string }): void {
  const { code } = warning;
  if (code === undefined || !code.startsWith('TIERCEL_')) return;
  const messages = expected.get(code);
  if (messages === undefined)
    found.push({ what: `a warning that it does not expect, ${code}`, error: warning });
  else messages.push(warning.message);
}

function onRejection(reason: unknown): void {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  // Mocha passes what it hears on to the other listeners, which hear it once themselves.
  if (found.some((other) => other.error === error)) return;
  found.push({ what: 'a rejection that nobody handles', error });
}

function report(during: string): void {
  for (const { what, error } of found) reports.push(`${during}: ${what}: ${error.stack ?? error.message}`);
  found = [];
}

export const mochaHooks: Mocha.RootHookObject = {
  beforeAll() {
    process.on('unhandledRejection', onRejection);
    process.on('warning', onWarning);
  },

  async afterEach(this: Mocha.Context) {
    await turn();
    expected.clear();
    report(this.currentTest?.fullTitle() ?? 'a hook');
  },

  async afterAll() {
    await turn();
    process.off('unhandledRejection', onRejection);
    process.off('warning', onWarning);
    report('after the last test');
    if (reports.length > 0) throw new Error(reports.join('\n'));
  },
};
