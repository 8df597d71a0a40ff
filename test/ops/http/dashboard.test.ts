/**
 * The dashboard in a real browser, beside a real cache under its own policy: it shows the figures, and text of the cache stays
 * text. Without a browser, that the page is whole: nothing is fetched from elsewhere, and its policy fits what is in it.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { DASHBOARD_HEADERS, DASHBOARD_PAGE } from '../../../src/ops/dashboard/page';
import { createCacheHandler } from '../../../src/ops/http/cache-handler';
import { useNodes } from '../../support/nodes';
import { describeWith } from '../../support/optional-program';
import { type Mounted, served } from './mounts';

describe('the page of the dashboard', () => {
  const policy = DASHBOARD_HEADERS['content-security-policy'];

  it('has one script and one style sheet, and its policy allows exactly these', () => {
    for (const [tag, directive] of [
      ['script', 'script-src'],
      ['style', 'style-src'],
    ] as const) {
      const found = [...DASHBOARD_PAGE.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))];
      expect(found, tag).to.have.length(1);
      const hash = createHash('sha256').update(found[0]![1]!).digest('base64');
      expect(policy).to.include(`${directive} 'sha256-${hash}'`);
    }
    expect(policy).not.to.include('unsafe');
  });

  it('names no other place, and has no handlers and styles in attributes, which the policy would stop', () => {
    const addresses = (DASHBOARD_PAGE.match(/\w+:\/\/[^'"\s)]+/g) ?? []).filter(
      (address) => address !== 'http://www.w3.org/2000/svg',
    );
    expect(addresses).to.deep.equal([]);
    const [markup = ''] = DASHBOARD_PAGE.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '').split('\0');
    expect(markup).not.to.match(/\son\w+=|\sstyle=|\ssrc=/);
  });

  it('never makes markup of what it is given', () => {
    expect(DASHBOARD_PAGE).not.to.match(/innerHTML|outerHTML|insertAdjacent|document\.write|eval\(/);
  });
});

describeWith('chromium', 'the dashboard in Chromium', (chromium) => {
  const MARKUP = '<img src=x onerror=alert(1)>';
  const nodes = useNodes(after);
  let mounted: Mounted;
  let profile: string;

  before(async () => {
    const cache = await nodes.node(undefined, { events: { 'price.updated': ['price:<pair>'] } });
    for (const pair of ['BTC', 'BTC', 'BTC', 'ETH']) {
      await cache.getOrSet(['price:<pair>', { pair }], async () => 1, { name: MARKUP });
    }
    await cache.emit('price.updated', { pair: 'secret-pair' });
    mounted = await served(
      createServer(
        createCacheHandler(cache, { basePath: '/internal/cache', token: 't', protectReads: false }),
      ),
    );
    profile = mkdtempSync(join(tmpdir(), 'tiercel-chromium-'));
  });

  after(async () => {
    await mounted?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  it('shows the figures without a word against its policy, and text as text', async () => {
    const { stdout: page, stderr: complaints } = await promisify(execFile)(chromium, [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--enable-logging=stderr',
      `--user-data-dir=${profile}`,
      '--virtual-time-budget=5000',
      '--dump-dom',
      `http://127.0.0.1:${mounted.port}/internal/cache/`,
    ]);
    expect(complaints.split('\n').filter((line) => line.includes('CONSOLE'))).to.deep.equal([]);
    expect(page)
      .to.include('<title>t')
      .and.match(/<small id="namespace">t[\da-f]{12}</);
    expect(page).to.match(/<div class="name">Served without a load<\/div><div class="figure">50\.0/);
    expect(page).to.match(/id="verdict-text">The process has just started/);
    expect(page).to.include('wanted 80 %').and.not.include('since the start');
    expect(page).to.include('&lt;img src=x onerror=alert(1)&gt;').and.not.include('<img');
    expect(page).to.include('price:&lt;pair&gt;').and.not.include('secret-pair');
  });
});
