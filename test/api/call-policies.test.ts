import { expect } from 'chai';
import { Policies } from '../../src/api/call-policies';
import type { ReadingOptions } from '../../src/config/options';
import type { READING_RULES } from '../../src/config/storing-options';

interface Compiled {
  readonly label: string;
  readonly version: string;
  readonly options: ReadingOptions;
}

const compiling = () => new Policies((options, label): Compiled => ({ label, version: '', options }));

/** Two values of each option that must not share a policy. */
const PAIRS: {
  readonly [Name in Exclude<keyof typeof READING_RULES, 'revive' | 'schema'>]: readonly [unknown, unknown];
} = {
  ttl: [60, '60'],
  nullTtl: [1, '1s'],
  staleFor: [1, '1s'],
  version: [1, '1'],
  tiers: ['l1', 'l2'],
  refreshAhead: [0.5, 'xfetch'],
  timeout: [{ soft: '1s' }, { hard: '1s' }],
  plain: [true, false],
  compress: [true, false],
};

describe('Policies of calls', () => {
  it('give a number of seconds and a preset of the same name two policies, so neither call stores for the time of the other', () => {
    const policies = compiling();
    const seconds = policies.of('getOrSet', { ttl: 60 }) as Compiled;
    const preset = policies.of('getOrSet', { ttl: '60' as '60s' }) as Compiled;
    expect(seconds.options.ttl).to.equal(60);
    expect(preset.options.ttl).to.equal('60');
  });

  for (const [name, [one, other]] of Object.entries(PAIRS)) {
    it(`compile again when only '${name}' differs, and once when it is equal`, () => {
      const policies = compiling();
      const withValue = (value: unknown) => policies.of('getOrSet', { [name]: value } as ReadingOptions);
      const clone = (value: unknown): unknown => structuredClone(value);
      expect(withValue(one)).not.to.equal(withValue(other));
      expect(withValue(one)).not.to.equal(policies.of('getOrSet'));
      expect(withValue(clone(one))).to.equal(withValue(one));
      expect(withValue(clone(other))).to.equal(withValue(other));
    });
  }

  it("compile once for functions that are made at each call, and give each call its own 'revive' and 'schema'", () => {
    const policies = compiling();
    const first = { revive: () => 1, schema: { '~standard': {} } } as unknown as ReadingOptions;
    const second = { revive: () => 2, schema: { '~standard': {} } } as unknown as ReadingOptions;
    const compiled = policies.of('getOrSet', first) as Compiled;
    const shared = policies.of('getOrSet', second) as Compiled;
    expect(shared.options).to.equal(compiled.options);
    expect(shared).to.include({ revive: second.revive, schema: second.schema });
    expect(policies.of('getOrSet')).not.to.have.property('revive');
  });

  it('keep the values of a call, so that a caller that changes its options object gets a policy of the new ones', () => {
    const policies = compiling();
    const options = { ttl: { l1: 1, l2: 2 } };
    const before = policies.of('set', options);
    options.ttl.l2 = 3;
    expect(policies.of('set', options)).not.to.equal(before);
    expect(policies.of('set', { ttl: { l1: 1, l2: 2 } })).to.equal(before);
  });

  it("are labelled by 'name', else by the method", () => {
    const policies = compiling();
    expect(policies.of('set').label).to.equal('set');
    expect(policies.of('set', { name: 'users' }).label).to.equal('users');
  });

  it('stay bounded when options are computed at run time', () => {
    const policies = compiling();
    const first = policies.of('set', { ttl: 0 });
    for (let ttl = 1; ttl <= 16; ttl += 1) policies.of('set', { ttl });
    expect(policies.of('set', { ttl: 0 })).not.to.equal(first);
  });
});
