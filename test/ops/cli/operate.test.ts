/** The commands that ask a running service, over HTTP, with a real cache behind its endpoints. */
import { createServer } from 'node:http';
import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import type { CommandResult, Terminal } from '../../../src/ops/cli/command';
import { run } from '../../../src/ops/cli/run';
import { createCacheHandler } from '../../../src/ops/http/cache-handler';
import { useNodes } from '../../support/nodes';
import { type Mounted, served } from '../http/mounts';

const TOKEN = 'let-me-in';

describe('the command tiercel beside a running service', () => {
  const nodes = useNodes();
  let cache: TiercelCache;
  let mounted: Mounted;

  beforeEach(async () => {
    cache = await nodes.node(undefined, { namespace: 'served' });
    mounted = await served(createServer(createCacheHandler(cache, { token: TOKEN })));
  });

  afterEach(() => mounted.close());

  function tiercel(args: readonly string[], terminal: Partial<Terminal> = {}): Promise<CommandResult> {
    const env = { TIERCEL_URL: `http://127.0.0.1:${mounted.port}/cache`, TIERCEL_TOKEN: TOKEN };
    return run(args, { isInteractive: false, env, cwd: '/', ask: async () => '', ...terminal });
  }

  it('health ends with 0 while all is well, and says so first', async () => {
    const { code, out } = await tiercel(['health']);
    expect(code).to.equal(0);
    expect(out).to.match(/^HEALTHY: /);
  });

  it('top shows the methods of the last minute, once or again and again', async () => {
    await cache.getOrSet('user:1', async () => 'row');
    const once = await tiercel(['top', '--once']);
    expect(once.out)
      .to.match(/^served {2}healthy {2}Redis none/)
      .and.to.match(/^method +calls +no load/m);
    expect(once.againMs).to.equal(undefined);
    expect((await tiercel(['top'])).againMs).to.equal(2_000);
  });

  it('report is Markdown', async () => {
    const { out } = await tiercel(['report']);
    expect(out).to.match(/^# Cache served, \d{4}-.*\n\n\*\*healthy\*\*: .*\| method \| calls \|/s);
  });

  it('explain shows what stands at a key', async () => {
    await cache.set('user:1', 'row');
    const { out } = await tiercel(['explain', 'user:1']);
    expect(out)
      .to.match(/^key +served:user:1$/m)
      .and.to.match(/^L1 +entry/m)
      .and.to.match(/^a read +l1, fresh$/m);
  });

  it('invalidate removes what it names, and a dry run removes nothing', async () => {
    await cache.set('user:1', 'row');
    const dry = await tiercel(['invalidate', 'user:*', '--dry-run']);
    expect(dry.out).to.match(/^Would reach/);
    expect(await cache.get('user:1')).to.equal('row');
    const done = await tiercel(['invalidate', 'user:*', '--reason', 'import', '--force']);
    expect(done.out).to.match(/^Done: no process serves them any more\./);
    expect(await cache.get('user:1')).to.equal(undefined);
    expect(cache.invalidations.history().at(-1)).to.include({ reason: 'import' });
  });

  it('clear wants the name of the namespace: from a terminal that is asked, or as an option', async () => {
    await cache.set('user:1', 'row');
    const unconfirmed = await tiercel(['clear']);
    expect(unconfirmed).to.include({
      code: 2,
      err: "This removes everything in 'served'. Confirm it with --confirm served.\n",
    });
    const wrong = await tiercel(['clear'], { isInteractive: true, ask: async () => 'production' });
    expect(wrong.err).to.match(/^The namespace is 'served', not 'production'\. Nothing was changed\./);
    expect(await cache.get('user:1')).to.equal('row');
    const right = await tiercel(['clear'], { isInteractive: true, ask: async () => 'served' });
    expect(right.code).to.equal(0);
    expect(await cache.get('user:1')).to.equal(undefined);
    const everything = await tiercel(['invalidate', '*', '--confirm', 'served', '--force']);
    expect(everything.code).to.equal(0);
  });

  it('a wrong token and a URL that is no cache are said, with what to do', async () => {
    const denied = await tiercel(['report'], {
      env: { TIERCEL_URL: `http://127.0.0.1:${mounted.port}/cache` },
    });
    expect(denied).to.include({ code: 2 });
    expect(denied.err).to.match(/wants a token: give --token or set TIERCEL_TOKEN/);
    const astray = await tiercel(['report', '--url', `http://127.0.0.1:${mounted.port}/elsewhere`]);
    expect(astray.err).to.match(/Does the URL end in the base path/);
  });
});
