/** The options of the endpoints: each mistake is refused by name, and none shows the token. */
import { expect } from 'chai';
import { ConfigError } from '../../../src/contract/errors';
import { type CacheHandlerOptions, createCacheHandler } from '../../../src/ops/http/cache-handler';
import { expectWarning } from '../../support/unexpected';
import { RecordingCache } from './recording-cache';

function problemsOf(options: unknown): { path: string; expected: string; got: string }[] {
  try {
    createCacheHandler(new RecordingCache(), options as CacheHandlerOptions);
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return [...(error as ConfigError).problems];
  }
  return [];
}

describe('the options of the endpoints', () => {
  it('may be left out, or be undefined as they come from an environment', () => {
    expect(problemsOf({})).to.deep.equal([]);
    expect(problemsOf({ token: undefined, authorize: undefined, basePath: undefined })).to.deep.equal([]);
  });

  it('refuse an empty token: a variable that somebody forgot to set must not look like a token', () => {
    expect(problemsOf({ token: '' })).to.deep.equal([
      { path: 'token', expected: 'visible ASCII characters without spaces', got: 'an empty string' },
    ]);
  });

  for (const token of ['with space', 'line\n', 'naïve', ' ', 7, null]) {
    it(`refuse the token ${JSON.stringify(token)}, which no header could carry, without repeating it`, () => {
      const [problem, ...others] = problemsOf({ token });
      expect(others).to.deep.equal([]);
      expect(problem).to.include({ path: 'token' });
      if (typeof token === 'string') expect(problem!.got).to.equal('other characters');
    });
  }

  for (const basePath of ['cache', '/a?b', '/a b', '//cache', '/a//b', '/a#b', 7]) {
    it(`refuse the base path ${JSON.stringify(basePath)}`, () => {
      expect(problemsOf({ basePath }).map(({ path }) => path)).to.deep.equal(['basePath']);
    });
  }

  for (const basePath of ['', '/', '/cache', '/cache/', '/internal/v1/cache-of_x.y']) {
    it(`take the base path '${basePath}'`, async () => {
      expect(problemsOf({ basePath })).to.deep.equal([]);
      const { fetch } = createCacheHandler(new RecordingCache(), { basePath });
      const base = basePath.replace(/\/$/, '');
      expect((await fetch(new Request(`http://x${base}/stats`))).status).to.equal(200);
      expect((await fetch(new Request(`http://x${base}`))).status).to.equal(200);
      expect((await fetch(new Request(`http://x${base}/x/stats`))).status).to.equal(404);
    });
  }

  it('list every mistake at once, and suggest the name that was meant', () => {
    const found = problemsOf({ unhealthyStatus: 500, authorise: () => true, protectReads: true, onError: 1 });
    expect(found.map(({ path, expected }) => `${path}: ${expected}`)).to.have.members([
      'unhealthyStatus: 200 or 503',
      "authorise: 'authorize'",
      'protectReads: a token or authorize beside it',
      'onError: a function',
    ]);
  });

  it('have no onError: then the first failure warns, and the others, which clients could cause, are silent', async () => {
    const warnings = expectWarning('TIERCEL_HTTP_FAILED');
    const cache = new RecordingCache();
    cache.fault = new Error('broken');
    const { fetch } = createCacheHandler(cache);
    for (let call = 0; call < 3; call += 1) await fetch(new Request('http://x/cache/stats'));
    await warnings.delivered();
    expect(warnings.messages).to.have.length(1);
    expect(warnings.messages[0]).to.include('broken').and.include('onError');
  });

  it('have an onError that throws, which changes no answer', async () => {
    const cache = new RecordingCache();
    cache.fault = new Error('broken');
    const onError = () => {
      throw new Error('worse');
    };
    const { fetch } = createCacheHandler(cache, { onError });
    expect((await fetch(new Request('http://x/cache/stats'))).status).to.equal(500);
  });
});
