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
  let namespace = '';
  let timer;

  const whole = new Intl.NumberFormat('en');
  const count = (n) => whole.format(n ?? 0);
  const percent = (n) => (n ?? 0).toFixed(1) + ' %';
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
    namespace = report.cache;
    say('namespace', namespace);
    const { health, windows } = report;
    const { lastMinute } = windows;
    verdict(health);
    for (const period of document.querySelectorAll('.period')) period.textContent = periodOf(lastMinute);
    const now = sample(report);
    tiles(report, lastMinute);
    charts(health, now);
    outcomes(lastMinute.calls);
    methods(lastMinute, report.invalidations);
    history(invalidations);
    tiers(report);
    advice(report);
  };

  const periodOf = ({ seconds }) => 'last ' + (seconds < 100 ? Math.round(seconds) + ' s' : Math.round(seconds / 60) + ' minutes');

  /** One verdict, and the list that it follows from. */
  const STATES = { healthy: ['good', 'Healthy'], warning: ['warning', 'Warning'], unhealthy: ['bad', 'Not healthy'] };
  const verdict = ({ state, message, alerts }) => {
    const [look, word] = STATES[state];
    byId('health').className = 'pill ' + look;
    if (byId('health').textContent !== word) say('health', word);
    byId('verdict').className = 'card verdict ' + look;
    const [first, ...others] = alerts;
    say('verdict-text', first === undefined ? message : first.message);
    fill('alerts', ...others.map((alert) =>
      node('li', (alert.severity === 'warning' ? 'warning' : 'raised') + (alert.clearing ? ' clearing' : ''), alert.message)));
  };

  const sample = ({ calls, answered, served, windows }) => {
    const last = samples.at(-1);
    const at = performance.now();
    const now = { at, answered, served, calls: calls.total, servedRate: null, callRate: 0 };
    if (last === undefined || calls.total < last.calls) {
      // The first look, or another process: the last minute stands for what was not seen.
      const { lastMinute } = windows;
      now.servedRate = lastMinute.answered === 0 ? null : lastMinute.servedRate;
      now.callRate = lastMinute.seconds === 0 ? 0 : lastMinute.calls.total / lastMinute.seconds;
    } else {
      const asked = answered - last.answered;
      now.servedRate = asked === 0 ? null : (100 * (served - last.served)) / asked;
      now.callRate = (1000 * (now.calls - last.calls)) / Math.max(1, at - last.at);
    }
    samples.push(now);
    if (samples.length > SAMPLES) samples.shift();
    return now;
  };

  const tile = (name, figure, unit, note) =>
    node('div', 'card tile', node('div', 'name', name), node('div', 'figure', figure, node('small', '', unit)), node('div', 'note', note));

  const share = (part, whole) => (whole === 0 ? '–' : ((100 * part) / whole).toFixed(1));
  const perSecond = (n, seconds) => (seconds === 0 ? '–' : count(Math.round((10 * n) / seconds) / 10));

  /** Each figure says which time it covers. */
  const tiles = ({ health, invalidations }, minute) => {
    const { calls, answered, served, seconds } = minute;
    const period = periodOf(minute);
    const own = calls.loaded + calls.failed;
    const loadMs = Object.values(minute.methods).reduce((sum, method) => sum + method.loadMs, 0);
    fill('tiles',
      tile('Served without a load', share(served, answered), '%', period + ', wanted ' + health.threshold + ' %'),
      tile('Calls', perSecond(calls.total, seconds), '/s', period),
      tile('Loads', perSecond(own, seconds), '/s', period + ', ' + count(calls.failed) + ' failed, ' + perSecond(loadMs / 1000, seconds) + ' s/s'),
      tile('Loads saved', perSecond(served, seconds), '/s', period + ', ' + count(calls.coalesced) + ' shared one'),
      tile('Answered by L1, L2', share(calls.l1, answered) + ', ' + share(calls.l2 + calls.waited, answered), '%', period + ', in ' + time(minute.l1.avgResponseTime) + ', ' + time(minute.l2.avgResponseTime)),
      tile('Invalidations', count(Math.round(invalidations.perMinute)), '/min', periodOf(invalidations) + ', this process'));
  };

  const svg = (tag, attributes) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  /** A curve from right to left, newest at the right; without a figure the curve has a gap. */
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
    const rates = samples.map((one) => one.servedRate);
    const calls = samples.map((one) => one.callRate);
    const most = Math.max(1, ...calls);
    const minutes = Math.round((SAMPLES * EVERY_MS) / 60000) + ' minutes ago';
    draw('rate-chart', rates, 100, health.threshold);
    draw('calls-chart', calls, most * 1.1);
    say('rate-now', now.servedRate === null ? 'no calls just now' : percent(now.servedRate) + ' just now; dashed: wanted');
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

  const WORDS = {
    first: 'first read', expired: 'expired', invalidated: 'invalidated', evicted: 'evicted: L1 full', unstored: 'not stored: invalidated meanwhile',
    version: 'another version', contended: 'another caller was at it', untrusted: 'Redis did not answer', unreadable: 'unreadable in Redis',
  };
  const why = (misses) => {
    const all = Object.values(misses).reduce((sum, n) => sum + n, 0);
    const most = Object.entries(misses).sort(([, a], [, b]) => b - a).filter(([, n]) => n > 0).slice(0, 2);
    return most.map(([reason, n]) => WORDS[reason] + ' ' + Math.round((100 * n) / all) + ' %').join(', ') || '–';
  };

  const methods = ({ methods: all, seconds }, { byTemplate }) => {
    const rows = Object.entries(all).sort(([, a], [, b]) => b.loadMs - a.loadMs || b.answered - a.answered);
    fill('methods', ...(rows.length === 0 ? [empty(9, 'No calls.')] : rows.map(([label, method]) => {
      const { answered, servedRate, loads, loadMs, misses } = method;
      const reached = Object.values(byTemplate).filter(({ readBy }) => readBy.includes(label));
      const rate = reached.reduce((sum, { perMinute }) => sum + perMinute, 0);
      const [most] = reached.flatMap(({ by }) => by).sort((a, b) => b.total - a.total);
      return node('tr', '', cell(node('code', '', label)), cell(count(answered), 'number'), cell(percent(servedRate), 'number'),
        cell(count(loads), 'number'), cell(loads === 0 ? '–' : time(loadMs / loads), 'number'),
        cell(seconds === 0 ? '–' : time(loadMs / seconds) + '/s', 'number'), cell(why(misses)),
        cell(rate === 0 ? '–' : count(Math.round(10 * rate) / 10) + ' /min', 'number'),
        cell(most === undefined ? '–' : node('code', '', most.invalidator)));
    })));
  };

  const history = ({ stats, history: records }) => {
    say('invalidation-rate', count(Math.round(stats.perMinute)) + ' /min in the ' + periodOf(stats) + ', this process; the newest');
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
      for (const { node: name, state } of redis.breakers) facts.push(['Breaker' + (name === '' ? '' : ' ' + name), state]);
      facts.push(['Invalidations waiting', count(redis.outbox)]);
      facts.push(['Changes heard', coherence.trusted ? 'yes' + (coherence.ageMs === null ? '' : ', proven ' + Math.round(coherence.ageMs) + ' ms ago') : 'not proven']);
    }
    facts.push(['Running for', Math.round(uptimeSeconds) < 120 ? Math.round(uptimeSeconds) + ' s' : Math.round(uptimeSeconds / 60) + ' min']);
    fill('tiers', ...facts.flatMap(([name, fact]) => [node('dt', '', name), node('dd', '', fact)]));
  };

  const advice = ({ advice: all }) => {
    fill('advice', ...(all.length === 0 ? [node('li', 'quiet', 'None.')] : all.map(({ text }) => node('li', 'advice', text))));
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

  const asked = (form) => {
    const fields = new FormData(form);
    const text = (name) => String(fields.get(name) ?? '').trim();
    const what = text('event') === ''
      ? { patterns: text('patterns').split(' ').filter((pattern) => pattern !== '') }
      : { event: text('event'), data: text('data') === '' ? {} : JSON.parse(text('data')) };
    return { ...what, reason: text('reason') };
  };
  const post = (body) => ask('/invalidate', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const isNamed = (what) => prompt(what + ' To go on, type the name of the namespace: ' + namespace) === namespace;

  byId('invalidate').addEventListener('submit', (event) => {
    event.preventDefault();
    change(async () => {
      const body = asked(event.target);
      if (body.patterns?.includes('*') && !isNamed('This invalidates everything.')) throw new Error('Nothing was changed.');
      return post(body);
    });
  });
  byId('preview').addEventListener('click', async () => {
    try {
      const { templates, entries, expectedLoads, unreached } = await post({ ...asked(byId('invalidate')), dryRun: true });
      const reached = templates.map(({ template, entries: n }) => template + (n === null ? '' : ' (' + count(n) + ' in L1)'));
      say('outcome', 'Nothing is changed yet. It reaches ' + (reached.join(', ') || 'no cached template') + '. Entries in L1: '
        + (entries === null ? 'not known' : count(entries)) + '. Expect at most ' + count(expectedLoads) + ' loads within a minute.'
        + unreached.map(({ name, nearest }) => ' Nothing can give ' + name + (nearest === null ? '.' : '; did you mean ' + nearest + '?')).join(''));
    } catch (error) {
      say('outcome', error.message);
    }
  });
  byId('clear').addEventListener('click', () => {
    const { reason } = byId('invalidate').elements;
    if (!reason.reportValidity() || !isNamed('This invalidates everything.')) return;
    change(() => ask('/clear?reason=' + encodeURIComponent(reason.value), { method: 'DELETE' }));
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
