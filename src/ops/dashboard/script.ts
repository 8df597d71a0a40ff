/**
 * What the dashboard does in the browser. Text that comes from the cache enters the page as text, never as markup. Plain
 * JavaScript without backticks or escapes, since it stands in a template literal; a test runs it in a browser.
 */
export const DASHBOARD_SCRIPT = `
'use strict';
(() => {
  const EVERY_MS = 2000;
  const SAMPLES = 120;
  const OUTCOMES = ['l1', 'l2', 'loaded', 'coalesced', 'waited', 'stale', 'uncached', 'failed'];
  const base = location.pathname.replace(/[/]+$/, '');
  const byId = (id) => document.getElementById(id);
  const token = byId('token');
  token.value = sessionStorage.getItem('tiercel-token') ?? '';
  const samples = [];
  let paused = false;
  let timer;

  const whole = new Intl.NumberFormat('en');
  const count = (n) => whole.format(n ?? 0);
  const percent = (n) => (n ?? 0).toFixed(1) + ' %';
  const rate = ({ hits, misses, hitRate }) => (hits + misses === 0 ? '–' : percent(hitRate));
  const time = (ms) => {
    const n = ms ?? 0;
    if (n === 0) return '–';
    if (n < 0.1) return (n * 1000).toFixed(1) + ' µs';
    return n < 1000 ? n.toFixed(n < 10 ? 2 : 0) + ' ms' : (n / 1000).toFixed(2) + ' s';
  };
  const bytes = (n) => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let unit = 0;
    let rest = n ?? 0;
    while (rest >= 1024 && unit < units.length - 1) { rest /= 1024; unit += 1; }
    return rest.toFixed(unit === 0 ? 0 : 1) + ' ' + units[unit];
  };
  const node = (tag, className, ...children) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const fill = (id, ...children) => byId(id).replaceChildren(...children);
  const say = (id, text) => { byId(id).textContent = text; };

  const ask = async (path, options = {}) => {
    const headers = { ...(options.headers ?? {}) };
    if (token.value !== '') headers.authorization = 'Bearer ' + token.value;
    const response = await fetch(base + path, { cache: 'no-store', signal: AbortSignal.timeout(8000), ...options, headers });
    const answer = await response.json();
    if (answer.error) throw new Error(answer.error.message);
    return answer;
  };

  const refresh = async () => {
    clearTimeout(timer);
    try {
      const [report, invalidations] = await Promise.all([ask('/report'), ask('/invalidations')]);
      byId('notice').hidden = true;
      show(report, invalidations);
      say('updated', new Date().toLocaleTimeString());
    } catch (error) {
      say('notice', 'The figures could not be fetched: ' + error.message);
      byId('notice').hidden = false;
    }
    if (!paused) timer = setTimeout(refresh, EVERY_MS);
  };

  const show = (report, invalidations) => {
    document.title = report.cache + ' cache';
    say('namespace', report.cache);
    const { health } = report;
    byId('health').className = 'pill ' + (health.healthy ? 'good' : 'bad');
    say('health', health.message);
    const now = sample(report);
    tiles(report, now);
    charts(health, now);
    outcomes(report.calls);
    methods(report.methods);
    history(invalidations);
    tiers(report);
    advice(report);
  };

  const sample = ({ overall, calls, windows }) => {
    const last = samples.at(-1);
    const at = performance.now();
    const now = { at, hits: overall.hits, misses: overall.misses, calls: calls.total, hitRate: null, callRate: 0 };
    if (last === undefined || calls.total < last.calls) {
      // The first look, or another process: the last minute stands for what was not seen.
      const { lastMinute } = windows;
      const looked = lastMinute.overall.hits + lastMinute.overall.misses;
      now.hitRate = looked === 0 ? null : lastMinute.overall.hitRate;
      now.callRate = lastMinute.seconds === 0 ? 0 : lastMinute.calls.total / lastMinute.seconds;
    } else {
      const hits = now.hits - last.hits;
      const looked = hits + now.misses - last.misses;
      now.hitRate = looked === 0 ? null : (100 * hits) / looked;
      now.callRate = (1000 * (now.calls - last.calls)) / Math.max(1, at - last.at);
    }
    samples.push(now);
    if (samples.length > SAMPLES) samples.shift();
    return now;
  };

  const tile = (name, figure, unit, note) =>
    node('div', 'card tile', node('div', 'name', name), node('div', 'figure', figure, node('small', '', unit)), node('div', 'note', note));

  const tiles = (report, now) => {
    const { overall, l1, l2, calls, health, stampedes } = report;
    fill('tiles',
      tile('Hit rate', overall.hitRate.toFixed(1), '%', 'threshold ' + health.threshold + ' %'),
      tile('Calls', count(Math.round(now.callRate)), 'per s', count(calls.total) + ' since the start'),
      tile('L1 hit rate', l1.hitRate.toFixed(1), '%', time(l1.avgResponseTime) + ' per hit'),
      tile('L2 hit rate', l2.hitRate.toFixed(1), '%', time(l2.avgResponseTime) + ' per hit'),
      tile('Load', count(calls.loaded), '', count(calls.failed) + ' failed'),
      tile('Load saved', count(stampedes.coalesced), '', count(stampedes.detected) + ' stampedes'));
  };

  const svg = (tag, attributes) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  /** A curve from right to left, newest at the right; where there is no figure, the curve has a gap. */
  const draw = (id, figures, top, threshold) => {
    const step = 300 / (SAMPLES - 1);
    const y = (figure) => 100 - (100 * figure) / top;
    const parts = [];
    const offset = SAMPLES - figures.length;
    let run = [];
    const end = () => {
      if (run.length > 0) {
        if (run.length === 1) run.push([run[0][0] + step / 2, run[0][1]]);
        const line = run.map(([x, at]) => x.toFixed(2) + ' ' + at.toFixed(2)).join(' L ');
        const [from, to] = [run[0][0], run.at(-1)[0]];
        parts.push(svg('path', { class: 'area', d: 'M ' + line + ' L ' + to + ' 100 L ' + from + ' 100 Z' }));
        parts.push(svg('path', { class: 'curve', d: 'M ' + line }));
      }
      run = [];
    };
    figures.forEach((figure, index) => {
      if (figure === null) end();
      else run.push([(offset + index) * step, y(figure)]);
    });
    end();
    const rules = [0, 50, 100].map((at) => svg('line', { class: 'rule', x1: 0, x2: 300, y1: at, y2: at }));
    if (threshold !== undefined) rules.push(svg('line', { class: 'threshold', x1: 0, x2: 300, y1: y(threshold), y2: y(threshold) }));
    fill(id, ...rules, ...parts);
  };

  const charts = (health, now) => {
    const rates = samples.map((one) => one.hitRate);
    const calls = samples.map((one) => one.callRate);
    const most = Math.max(1, ...calls);
    const minutes = Math.round((SAMPLES * EVERY_MS) / 60000) + ' minutes ago';
    draw('rate-chart', rates, 100, health.threshold);
    draw('calls-chart', calls, most * 1.1);
    say('rate-now', now.hitRate === null ? 'nothing looked up just now' : percent(now.hitRate) + ' just now; dashed: threshold');
    say('calls-now', count(Math.round(now.callRate)) + ' just now, ' + count(Math.round(most)) + ' at most');
    say('rate-from', minutes);
    say('calls-from', minutes);
  };

  const part = (className, share) => {
    const made = node('i', className);
    made.style.flex = String(share);
    return made;
  };

  const outcomes = (calls) => {
    const present = OUTCOMES.filter((outcome) => calls[outcome] > 0);
    fill('outcomes', ...present.map((outcome) => part(outcome, calls[outcome] / calls.total)));
    fill('legend', ...OUTCOMES.filter((outcome) => outcome in calls).map((outcome) => {
      const share = calls.total === 0 ? 0 : (100 * calls[outcome]) / calls.total;
      return node('span', '', node('i', outcome), outcome + ' ' + percent(share), node('span', 'quiet', count(calls[outcome])));
    }));
  };

  const cell = (text, className) => node('td', className, text);
  const empty = (columns, text) => {
    const made = cell(text, 'quiet');
    made.colSpan = columns;
    return node('tr', '', made);
  };

  const methods = (all) => {
    const rows = Object.entries(all).sort(([, a], [, b]) => b.calls.total - a.calls.total || b.invalidations - a.invalidations);
    say('method-count', rows.length === 0 ? '' : 'by number of calls');
    fill('methods', ...(rows.length === 0 ? [empty(11, 'None has been called yet.')] : rows.map(([label, method]) => {
      const { calls, latency } = method;
      const bar = node('div', 'bar thin', part('l1', calls.l1), part('l2', calls.l2 + calls.waited), part('loaded', calls.loaded + calls.coalesced));
      const mix = cell(bar);
      return node('tr', '', cell(node('code', '', label)), mix, cell(count(calls.total), 'number'),
        cell(rate(method.l1), 'number'), cell(rate(method.l2), 'number'), cell(count(method.loads), 'number'),
        cell(time(latency.load.p50), 'number'), cell(time(latency.load.p99), 'number'),
        cell(count(method.stampedes), 'number'), cell(count(method.rejectedFills), 'number'), cell(count(method.invalidations), 'number'));
    })));
  };

  const history = ({ stats, history: records }) => {
    say('invalidation-rate', (stats.complete ? '' : 'at least ') + stats.perMinute.toFixed(1) + ' per minute');
    const rows = records.slice(-12).reverse().map((record) => {
      const what = node('code', '', (record.patterns ?? record.templates).slice(0, 4).join(', ') || (record.tags ?? []).join(', '));
      return node('tr', '', cell(new Date(record.at).toLocaleTimeString(), 'quiet'), cell(node('code', '', record.event ?? record.label)),
        cell(what), cell(count(record.sent), 'number'), cell(record.acknowledged ? 'yes' : 'queued', 'number'));
    });
    fill('invalidations', ...(rows.length === 0 ? [empty(5, 'Nothing was invalidated yet.')] : rows));
  };

  const tiers = ({ memory, redis, coherence, uptimeSeconds }) => {
    const use = ({ bytes: used, limitBytes, percent: share }) =>
      bytes(used) + (limitBytes === null ? '' : ' of ' + bytes(limitBytes) + ', ' + percent(share));
    const facts = [
      ['L1', count(memory.l1.entries) + ' of ' + count(memory.l1.maxEntries) + ' entries'],
      ['Heap', use(memory.heap)],
      ['Redis', redis.state === 'none' ? 'none: L1 alone' : redis.state],
    ];
    if (memory.l1.bytes > 0) facts.splice(1, 0, ['L1, bytes', use(memory.l1)]);
    if (memory.redis) facts.push(['Redis, memory', use(memory.redis)]);
    if (redis.state !== 'none') {
      facts.push(['Outbox', count(redis.outbox)]);
      facts.push(['Changes heard', coherence.trusted ? 'yes' + (coherence.ageMs === null ? '' : ', proven ' + Math.round(coherence.ageMs) + ' ms ago') : 'not proven']);
    }
    facts.push(['Running for', Math.round(uptimeSeconds) < 120 ? Math.round(uptimeSeconds) + ' s' : Math.round(uptimeSeconds / 60) + ' min']);
    fill('tiers', ...facts.flatMap(([name, fact]) => [node('dt', '', name), node('dd', '', fact)]));
  };

  const advice = ({ health, advice: all }) => {
    const items = [
      ...health.alerts.map(({ message }) => node('li', 'raised', message)),
      ...all.map(({ text }) => node('li', 'advice', text)),
    ];
    fill('advice', ...(items.length === 0 ? [node('li', 'quiet', 'None.')] : items));
  };

  const change = async (work) => {
    say('outcome', '…');
    try {
      const { acknowledged, swept } = await work();
      say('outcome', (acknowledged ? 'Done' : 'Queued until Redis answers') + (swept > 0 ? ', ' + count(swept) + ' entries swept.' : '.'));
    } catch (error) {
      say('outcome', error.message);
    }
    refresh();
  };

  byId('invalidate').addEventListener('submit', (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const text = (name) => String(form.get(name) ?? '').trim();
    change(async () => {
      const body = text('event') === ''
        ? { patterns: text('patterns').split(' ').filter((pattern) => pattern !== '') }
        : { event: text('event'), data: text('data') === '' ? {} : JSON.parse(text('data')) };
      const headers = { 'content-type': 'application/json' };
      return ask('/invalidate', { method: 'POST', headers, body: JSON.stringify({ ...body, reason: 'dashboard' }) });
    });
  });
  byId('clear').addEventListener('click', () => {
    if (confirm('Invalidate everything of this namespace?')) change(() => ask('/clear', { method: 'DELETE' }));
  });
  byId('access').addEventListener('submit', (event) => event.preventDefault());
  token.addEventListener('change', () => {
    sessionStorage.setItem('tiercel-token', token.value);
    refresh();
  });
  byId('pause').addEventListener('click', ({ target }) => {
    paused = !paused;
    target.textContent = paused ? 'Resume' : 'Pause';
    target.setAttribute('aria-pressed', String(paused));
    if (paused) clearTimeout(timer);
    else refresh();
  });
  byId('theme').addEventListener('click', () => {
    const root = document.documentElement;
    const dark = root.dataset.theme === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : root.dataset.theme === 'dark';
    root.dataset.theme = dark ? 'light' : 'dark';
  });
  refresh();
})();
`;
