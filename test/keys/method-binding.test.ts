/** From a call to a key: where each placeholder takes its value, and what is refused when the class is defined. */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  MissingValueError,
  UnboundPlaceholderError,
  UnrenderableValueError,
} from '../../src/contract/errors';
import { type BindingSource, bindKey, bindTarget } from '../../src/keys/method-binding';
import { parameterNames } from '../../src/keys/parameters';
import { parsePattern } from '../../src/keys/pattern';
import { parseTemplate, renderTemplate } from '../../src/keys/template';
import { hostileText } from './hostile-text';

const source = (overrides: Partial<BindingSource> = {}): BindingSource => ({
  subject: 'ProviderService.stats',
  names: ['id', 'user', null, '...ids'],
  namesFrom: 'parsed',
  allowResult: false,
  ...overrides,
});

const key = (template: string, overrides?: Partial<BindingSource>) =>
  bindKey(parseTemplate(template), source(overrides));
const target = (pattern: string, overrides?: Partial<BindingSource>) =>
  bindTarget(parsePattern(pattern), source(overrides));

describe('bindKey', () => {
  it('takes values by parameter name', () => {
    expect(key('provider:<id>:stats')(undefined, ['42'])).to.equal('provider:42:stats');
    expect(key('<id>')(undefined, ['42'])).to.equal('42');
    expect(key('<user>:x:<id>')(undefined, ['42', 'u'])).to.equal('u:x:42');
    expect(key('a:<id>:<user>:<id>')(undefined, ['42', 'u'])).to.equal('a:42:u:42');
    expect(key('leaderboard:top')(undefined, [])).to.equal('leaderboard:top');
  });

  it('takes values by position, by path, from the instance and from the result', () => {
    expect(key('a:<0>:<2>')(undefined, ['x', 'y', 'z'])).to.equal('a:x:z');
    expect(key('a:<user.address.city>')(undefined, ['x', { address: { city: 'Oslo' } }])).to.equal('a:Oslo');
    expect(key('a:<1.id>')(undefined, ['x', { id: 7 }])).to.equal('a:7');
    expect(key('<this.tenant>:<id>')({ tenant: 'eu' }, ['x'])).to.equal('eu:x');
    expect(key('a:<result.id>', { allowResult: true })(undefined, [], { id: 9 })).to.equal('a:9');
    expect(key('a:<result>', { allowResult: true })(undefined, [], 9)).to.equal('a:9');
  });

  it('reads an arguments object as well as an array', () => {
    const keyOf = key('a:<id>:<user>');
    function method(..._values: unknown[]): string {
      // biome-ignore lint/complexity/noArguments: what a wrapper passes on
      return keyOf(undefined, arguments);
    }
    expect(method(1, 2)).to.equal('a:1:2');
  });

  it('escapes every value and filters it', () => {
    expect(key('a:<id>')(undefined, ['x:y*'])).to.equal('a:x%3Ay%2A');
    expect(key('a:<id>:<user>')(undefined, ['x:y', '<>'])).to.equal('a:x%3Ay:%3C%3E');
    expect(key('a:<id|upper>')(undefined, ['x:y'])).to.equal('a:X%3AY');
    expect(key('a:<id>:<user>:<0>')(undefined, ['%', ' ', ''])).to.equal('a:%25:%20:%25');
  });

  it('says whether it needs the result', () => {
    expect(key('a:<id>').needsResult).to.equal(false);
    expect(key('a:<id>:<result.id?>', { allowResult: true }).needsResult).to.equal(true);
  });

  it('tells a missing value from an optional one', () => {
    expect(() => key('a:<id>')(undefined, [])).to.throw(
      MissingValueError,
      /ProviderService\.stats, <id> in 'a:<id>'.*got undefined/,
    );
    expect(() => key('a:<id>:<user>')(undefined, ['x', null])).to.throw(
      MissingValueError,
      /<user>.*got null/,
    );
    expect(() => key('a:<user.id>')(undefined, ['x', undefined])).to.throw(MissingValueError, /<user\.id>/);
    expect(() => key('a:<5>')(undefined, ['x'])).to.throw(MissingValueError, /<5>/);
    expect(key('a:<id?>')(undefined, [])).to.equal('a:%_');
    expect(key('a:<id>:<user.id?>')(undefined, ['x'])).to.equal('a:x:%_');
  });

  it('binds the name of a rest parameter to the array of its arguments', () => {
    const rest = ['i', 'u', 'd', 'r1', 'r2'];
    expect(key('a:<ids.1>')(undefined, rest)).to.equal('a:r2');
    expect(key('a:<ids|hash>')(undefined, rest)).to.equal(
      renderTemplate(parseTemplate('a:<v|hash>'), { v: ['r1', 'r2'] }),
    );
    expect(() => key('a:<ids>')(undefined, rest)).to.throw(UnrenderableValueError, /<ids>.*got an array/);
  });

  it('takes every name from vars, once per key and with the instance, when there are vars', () => {
    let calls = 0;
    const keyOf = key('a:<id>:<tenant>:<0>', {
      vars(this: unknown, ...args: never[]) {
        calls++;
        return { id: `v-${args[0]}`, tenant: (this as { tenant: string }).tenant };
      },
    });
    expect(keyOf({ tenant: 'eu' }, ['x'])).to.equal('a:v-x:eu:x');
    expect(calls).to.equal(1);
    expect(() => key('a:<id>', { vars: () => ({}) })(undefined, ['x'])).to.throw(MissingValueError);
    expect(() => key('a:<id>', { vars: (() => undefined) as never })(undefined, ['x'])).to.throw(
      MissingValueError,
    );
  });

  it('does not call vars for a template without names', () => {
    const vars = () => {
      throw new Error('called');
    };
    expect(key('a:<0>:<this.b.c>', { vars })({ b: { c: 1 } }, ['x'])).to.equal('a:x:1');
  });

  it('refuses a name that the method does not have, listing the names and the ways out', () => {
    expect(() => key('provider:<providerId>'))
      .to.throw(
        UnboundPlaceholderError,
        /ProviderService\.stats, <providerId> in .*got id, user, a destructured one, \.\.\.ids \(read from its source\).*params.*vars.*<0>/,
      )
      .with.property('code', 'TIERCEL_UNBOUND_PLACEHOLDER');
    expect(() => key('a:<b>', { names: [], namesFrom: 'params' })).to.throw(
      /got no parameters \(given by 'params'\)/,
    );
  });

  it('refuses <result> if the key is needed before the method runs', () => {
    expect(() => key('a:<result.id>', { names: ['result'] }))
      .to.throw(UnboundPlaceholderError, /before the method runs.*<0>/)
      .with.property('code', 'TIERCEL_UNBOUND_PLACEHOLDER');
  });

  it('does not bind a name to something that all arrays or objects have', () => {
    expect(() => key('a:<length>')).to.throw(UnboundPlaceholderError);
    expect(() => key('a:<constructor>')).to.throw(UnboundPlaceholderError);
  });

  it('gives the same key as the template rendered by name, in every compiled shape', () => {
    const value = fc.oneof(hostileText(), fc.integer(), fc.bigInt(), fc.boolean(), fc.constant(undefined));
    fc.assert(
      fc.property(
        fc.constantFrom('<a?>', '<a?>:m:<b?>', 'x:<b?>:<a?>:y', '<a?>:<b?>:<a?|lower>'),
        value,
        value,
        (text, a, b) => {
          const template = parseTemplate(text);
          const keyOf = bindKey(template, source({ names: parameterNames((a: never, b: never) => [a, b]) }));
          expect(keyOf(undefined, [a, b])).to.equal(renderTemplate(template, { a, b }));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('bindTarget', () => {
  it('binds the values of a call, and never lets one widen the pattern', () => {
    const bound = target('feed:<id>:*')(undefined, ['*']);
    expect(bound.text).to.equal('feed:%2A:*');
    expect(bound.matches('feed:1:2')).to.equal(false);
    expect(bound.kind).to.equal('pattern');
  });

  it('gives a key if there is no wildcard', () => {
    const targetOf = target('a:<this.tenant>:<result.id>:<user.id>', { allowResult: true });
    expect(targetOf.needsResult).to.equal(true);
    expect(targetOf({ tenant: 'eu' }, [0, { id: 2 }], { id: 1 })).to.include({
      text: 'a:eu:1:2',
      kind: 'key',
    });
  });

  it('gives one and the same target if there is nothing to bind', () => {
    const targetOf = target('feed:*');
    expect(targetOf(undefined, [])).to.equal(targetOf(undefined, ['x']));
    expect(targetOf(undefined, []).text).to.equal('feed:*');
    expect(targetOf.needsResult).to.equal(false);
  });

  it('fills in a placeholder that occurs twice both times', () => {
    expect(target('<id>:*:<id>')(undefined, ['x']).text).to.equal('x:*:x');
  });

  it('takes names from vars, once per target', () => {
    let calls = 0;
    const vars = () => {
      calls++;
      return { a: 1, b: 2 };
    };
    expect(target('<a>:<b>:*', { vars })(undefined, []).text).to.equal('1:2:*');
    expect(calls).to.equal(1);
  });

  it('names the method when a value is missing, and refuses unknown names beforehand', () => {
    expect(() => target('feed:<id>:*')(undefined, [])).to.throw(
      MissingValueError,
      /ProviderService\.stats, <id> in 'feed:<id>:\*'/,
    );
    expect(() => target('feed:<userId>:*')).to.throw(UnboundPlaceholderError);
  });
});
