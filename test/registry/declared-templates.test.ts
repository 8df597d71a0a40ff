import { expect } from 'chai';
import { templateOf } from '../../src/registry/declared-templates';

describe('the template of a string', () => {
  const templates = ['user:<id>', 'user:<id>:feed', 'user:<id>:*', 'feed:*', '<tenant>:<id>', 'user:me'];

  for (const [text, expected] of [
    ['user:42', 'user:<id>'],
    ['user:me', 'user:me'],
    ['eu:42', '<tenant>:<id>'],
    ['user:42:*', 'user:<id>:*'],
    ['feed:*', 'feed:*'],
    ['user:42:feed', 'user:<id>:feed'],
  ] as const) {
    it(`is ${expected} for ${text}`, () => {
      expect(templateOf(text, templates)).to.equal(expected);
    });
  }

  it('is unknown if no template gives the string: a wildcard is not a value, and a value not a wildcard', () => {
    for (const text of ['user:*:feed', 'other:1:2', 'user', 'other:*']) {
      expect(templateOf(text, templates), text).to.equal(undefined);
    }
  });

  it('is the one declared first, if two are equal', () => {
    expect(templateOf('a:1', ['a:<x>', 'a:<y>'])).to.equal('a:<x>');
  });
});
