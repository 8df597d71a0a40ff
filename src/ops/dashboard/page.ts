/**
 * The dashboard as one page. It holds nothing of the cache: its script fetches the figures from the endpoints beside it, and
 * its policy lets it load and run nothing else.
 */
import { createHash } from 'node:crypto';
import { DASHBOARD_SCRIPT } from './script';
import { DASHBOARD_STYLE } from './style';

export const DASHBOARD_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cache</title>
<link rel="icon" href="data:,">
<style>${DASHBOARD_STYLE}</style>
</head>
<body>
<header>
  <svg class="mark" viewBox="0 0 26 26" aria-hidden="true"><rect x="2" y="4" width="22" height="7" rx="2.5"/><rect x="2" y="15" width="22" height="7" rx="2.5"/></svg>
  <h1>tiercel<small id="namespace"></small></h1>
  <span class="pill" id="health" role="status">Loading</span>
  <span class="grow"></span>
  <span class="quiet" id="updated"></span>
  <form id="access"><input id="token" type="password" placeholder="Token" aria-label="Token" autocomplete="off"></form>
  <button id="pause" type="button" aria-pressed="false">Pause</button>
  <button id="theme" type="button" aria-label="Switch between light and dark">Light / dark</button>
</header>
<main>
  <p class="card notice" id="notice" hidden></p>
  <section class="card verdict" id="verdict" aria-label="Verdict"><h2 id="verdict-text"></h2><ul id="alerts"></ul></section>
  <section class="tiles" id="tiles" aria-label="Figures of the last minute"></section>
  <section class="card half">
    <h2>Served without a load<small id="rate-now"></small></h2>
    <svg class="chart rate" id="rate-chart" viewBox="0 0 300 100" preserveAspectRatio="none" role="img" aria-label="Share of calls served without a load, over the last minutes"></svg>
    <div class="scale"><span id="rate-from"></span><span>now</span></div>
  </section>
  <section class="card half">
    <h2>Calls per second<small id="calls-now"></small></h2>
    <svg class="chart calls" id="calls-chart" viewBox="0 0 300 100" preserveAspectRatio="none" role="img" aria-label="Calls per second over the last minutes"></svg>
    <div class="scale"><span id="calls-from"></span><span>now</span></div>
  </section>
  <section class="card">
    <h2>How calls ended<small class="period"></small></h2>
    <div class="bar" id="outcomes"></div>
    <div class="legend" id="legend"></div>
  </section>
  <section class="card">
    <h2>Advice<small>last five minutes</small></h2>
    <ul id="advice"></ul>
  </section>
  <section class="card">
    <h2>Methods<small class="period"></small><small>by load time: what costs most is first</small></h2>
    <div class="scroll"><table><thead><tr>
      <th>Method</th><th class="number">Calls</th><th class="number">Served</th><th class="number">Loads</th>
      <th class="number">Mean load</th><th class="number">Load time</th><th>Why it loads</th>
      <th class="number">Its entries invalidated</th><th>Mostly by</th>
    </tr></thead><tbody id="methods"></tbody></table></div>
  </section>
  <section class="card two-thirds">
    <h2>Invalidations<small id="invalidation-rate"></small></h2>
    <div class="scroll"><table><thead><tr>
      <th>At</th><th>By</th><th>What</th><th class="number">Sent</th><th class="number">Acknowledged</th>
    </tr></thead><tbody id="invalidations"></tbody></table></div>
  </section>
  <div class="third stack">
    <section class="card">
      <h2>Tiers</h2>
      <dl id="tiers"></dl>
    </section>
    <section class="card">
      <h2>Invalidate<small>needs the token</small></h2>
      <form id="invalidate">
        <label>Event<input name="event" placeholder="signal.created" autocomplete="off"></label>
        <label>Its data<input name="data" placeholder='{"providerId":"123"}' autocomplete="off"></label>
        <label>Or patterns, separated by spaces<input name="patterns" placeholder="feed:* provider:42:stats" autocomplete="off"></label>
        <label>Reason<input name="reason" placeholder="bad import" autocomplete="off" required maxlength="500"></label>
        <div class="row"><button type="button" id="preview">Preview</button><button type="submit">Invalidate</button><button type="button" class="danger" id="clear">Clear everything</button></div>
        <output id="outcome" class="quiet"></output>
      </form>
    </section>
  </div>
</main>
<script>${DASHBOARD_SCRIPT}</script>
</body>
</html>
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const DASHBOARD_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src ${hashOf(DASHBOARD_STYLE)}`,
    `script-src ${hashOf(DASHBOARD_SCRIPT)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
} as const;
