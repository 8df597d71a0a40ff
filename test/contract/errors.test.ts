import { expect } from 'chai';
import * as tiercel from '../../src';
import { LoadTimeoutError, TiercelError, TtlError } from '../../src';
import type { ErrorDetails } from '../../src/contract/errors';
import * as errors from '../../src/contract/errors';

type DetailedErrorClass = new (details: ErrorDetails) => TiercelError;

const DETAILED = Object.entries(errors).filter(
  ([name]) => name.endsWith('Error') && !['TiercelError', 'ConfigError', 'CheckError'].includes(name),
) as unknown as readonly (readonly [string, DetailedErrorClass])[];

describe('errors', () => {
  it('are public, each under the name that it has', () => {
    const details = { subject: 'it', expected: 'one thing', got: 'another' };
    for (const [name, ErrorClass] of DETAILED) {
      const error = new ErrorClass(details);
      expect(tiercel).to.have.property(name, ErrorClass);
      expect(error)
        .to.be.an.instanceof(TiercelError)
        .and.to.include({ name, ...details });
      expect(error.code).to.match(/^TIERCEL_[A-Z_]+$/);
      expect(error.stack).to.match(new RegExp(`^${name}: `));
    }
  });

  it('have one code each, so that a code names one class', () => {
    const codes = DETAILED.map(([, ErrorClass]) => new ErrorClass({ expected: '', got: '' }).code);
    expect(new Set(codes).size).to.equal(codes.length);
  });

  it('state what happened, about what, what was expected, what was found and what to do', () => {
    const { message } = new LoadTimeoutError({
      subject: 'Users.one',
      expected: 'a load within 50 ms',
      got: 'none',
      remedy: 'Call again.',
    });
    expect(message).to.equal(
      'Load timed out (Users.one): expected a load within 50 ms, got none. Call again.',
    );
  });

  it('are told apart by instanceof, which gives the type of the code', () => {
    const error: unknown = new TtlError({ expected: 'a ttl', got: 'a list' });
    expect(error).not.to.be.an.instanceof(LoadTimeoutError);
    if (!(error instanceof TtlError)) throw new Error('not a TtlError');
    const code: 'TIERCEL_TTL' = error.code;
    expect(code).to.equal('TIERCEL_TTL');
  });
});
