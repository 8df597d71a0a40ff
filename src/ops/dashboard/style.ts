/** The look of the dashboard: one style sheet, light and dark. Nothing in it is loaded from elsewhere. */
export const DASHBOARD_STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f4f5f7, #0d1117);
  --card: light-dark(#ffffff, #161b22);
  --line: light-dark(#e1e4e8, #2a313a);
  --text: light-dark(#1c2128, #e6edf3);
  --quiet: light-dark(#606a76, #8d98a5);
  --l1: light-dark(#0c8f7e, #2fc7b2);
  --l2: light-dark(#2f6fdb, #5b9bff);
  --loaded: light-dark(#c98316, #e8ac45);
  --coalesced: light-dark(#7c4dcc, #a884ee);
  --waited: light-dark(#b8447f, #e57fb2);
  --stale: light-dark(#8a6d3b, #bfa06a);
  --uncached: light-dark(#9aa3ad, #5d6671);
  --failed: light-dark(#cf3a3a, #f26d6d);
  --good: light-dark(#17803d, #4cc972);
  --bad: light-dark(#cf3a3a, #f26d6d);
}
:root[data-theme='light'] { color-scheme: light; }
:root[data-theme='dark'] { color-scheme: dark; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 14px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
  font-variant-numeric: tabular-nums;
}
header {
  position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 10px 14px; align-items: center;
  padding: 12px 24px; background: var(--card); border-bottom: 1px solid var(--line);
}
header .mark { width: 26px; height: 26px; }
header .mark rect:first-child { fill: var(--l1); }
header .mark rect:last-child { fill: var(--l2); }
h1 { margin: 0; font-size: 17px; font-weight: 650; }
h1 small { margin-left: 8px; color: var(--quiet); font-size: 13px; font-weight: 450; }
h2 { margin: 0 0 12px; font-size: 13px; font-weight: 600; }
h2 small { margin-left: 6px; color: var(--quiet); font-weight: 400; }
.grow { flex: 1; }
.quiet { color: var(--quiet); }
.pill {
  display: inline-flex; align-items: center; gap: 7px; padding: 3px 11px; border-radius: 99px;
  border: 1px solid var(--line); font-size: 13px;
}
.pill::before { content: ''; width: 8px; height: 8px; border-radius: 50%; background: var(--quiet); }
.pill.good::before { background: var(--good); }
.pill.bad::before { background: var(--bad); }
.pill.warning::before { background: var(--loaded); }
.verdict { border-left: 3px solid var(--good); }
.verdict.warning { border-left-color: var(--loaded); }
.verdict.bad { border-left-color: var(--bad); }
.verdict h2 { margin-bottom: 0; }
.verdict ul:not(:empty) { margin-top: 10px; }
button, input, textarea {
  font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 7px;
  padding: 5px 11px;
}
button { cursor: pointer; }
button:hover { border-color: var(--quiet); }
button.danger { color: var(--bad); }
:focus-visible { outline: 2px solid var(--l2); outline-offset: 1px; }
#access #token { width: 150px; }
main {
  display: grid; grid-template-columns: repeat(12, minmax(0, 1fr)); gap: 16px; padding: 20px 24px 40px;
  max-width: 1480px; margin: 0 auto;
}
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; grid-column: span 12; }
.tiles { grid-column: span 12; display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 16px; }
.tile { padding: 13px 18px; grid-column: auto; }
.tile .name { color: var(--quiet); font-size: 12.5px; }
.tile .figure { font-size: 27px; font-weight: 620; letter-spacing: -0.4px; line-height: 1.3; }
.tile .figure small { font-size: 14px; font-weight: 450; color: var(--quiet); margin-left: 3px; }
.tile .note { color: var(--quiet); font-size: 12.5px; }
.half { grid-column: span 6; }
.third { grid-column: span 4; }
.two-thirds { grid-column: span 8; }
.stack { display: grid; gap: 16px; align-content: start; }
.chart { display: block; width: 100%; height: 110px; overflow: visible; }
.chart .area { opacity: 0.13; stroke: none; }
.chart .curve { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.chart .rule { stroke: var(--line); vector-effect: non-scaling-stroke; }
.chart .threshold { stroke: var(--bad); stroke-dasharray: 4 4; vector-effect: non-scaling-stroke; opacity: 0.7; }
.chart.rate { color: var(--l1); }
.chart.calls { color: var(--l2); }
.chart .area { fill: currentColor; }
.chart .curve { stroke: currentColor; }
.scale { display: flex; justify-content: space-between; color: var(--quiet); font-size: 12px; margin-top: 5px; }
.bar { display: flex; height: 16px; gap: 2px; border-radius: 5px; overflow: hidden; background: var(--page); }
.bar i { display: block; min-width: 0; }
.bar.thin { height: 6px; width: 96px; border-radius: 3px; gap: 0; }
.l1 { background: var(--l1); } .l2 { background: var(--l2); } .loaded { background: var(--loaded); }
.coalesced { background: var(--coalesced); } .waited { background: var(--waited); } .stale { background: var(--stale); }
.uncached { background: var(--uncached); } .failed { background: var(--failed); }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; margin-top: 11px; font-size: 13px; }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.legend i { width: 10px; height: 10px; border-radius: 3px; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 13px; }
th { text-align: left; color: var(--quiet); font-weight: 500; font-size: 12.5px; white-space: nowrap; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
tr:last-child td { border-bottom: 0; }
td.number, th.number { text-align: right; white-space: nowrap; }
td .bar { display: inline-flex; vertical-align: middle; margin-right: 9px; }
code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
#methods code { white-space: nowrap; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 7px 16px; margin: 0; font-size: 13px; }
dt { color: var(--quiet); }
dd { margin: 0; text-align: right; }
ul { margin: 0; padding: 0; list-style: none; display: grid; gap: 10px; font-size: 13px; }
li { padding-left: 12px; border-left: 3px solid var(--line); }
li.raised { border-color: var(--bad); }
li.warning { border-color: var(--loaded); }
li.clearing { opacity: 0.75; }
li.advice { border-color: var(--loaded); }
form { display: grid; gap: 9px; }
form label { display: grid; gap: 3px; color: var(--quiet); font-size: 12.5px; }
form input, form textarea { width: 100%; color: var(--text); }
.row { display: flex; gap: 10px; align-items: center; flex-wrap: wrap; }
.notice { margin: 0; grid-column: span 12; padding: 10px 18px; border-left: 3px solid var(--bad); }
@media (max-width: 900px) {
  .half, .third, .two-thirds { grid-column: span 12; }
  header, main { padding-left: 14px; padding-right: 14px; }
}
`;
