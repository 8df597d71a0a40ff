/** Run by `optional-program.test.ts` in a mocha of its own. */
import { describeWith } from './optional-program';

describeWith(process.env['NEEDED_PROGRAM']!, 'a picky suite', () => {
  it('runs', () => {});
});

describe('another suite', () => {
  it('runs', () => {});
});
