/** The HTML report: one page that needs nothing but itself, tables and charts of every suite that ran. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Bar, Chart, Suite, SuiteResult, Table } from './suite.ts';

const require = createRequire(import.meta.url);

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#1b2333}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .7rem;border-bottom:1px solid #dde3ee;text-align:right}
th:first-child,td:first-child{text-align:left}.no{color:#b3261e;font-weight:600}.yes{color:#1b7f4d}h2{margin-top:3rem}`;

function escapeHtml(text: string | number): string {
  return String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function tableHtml(table: Table): string {
  const head = table.columns.map((column) => `<th>${escapeHtml(column)}</th>`).join('');
  const rows = table.rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('');
  return `<h3>${escapeHtml(table.title)}</h3><table><tr>${head}</tr>${rows}</table>`;
}

function barsHtml(bars: readonly Bar[]): string {
  if (bars.length === 0) return '';
  const rows = bars.map(
    (bar) =>
      `<tr><td>${escapeHtml(bar.name)}</td><td>${escapeHtml(Number(bar.value.toPrecision(4)))} ${escapeHtml(bar.unit)}</td><td>${escapeHtml(bar.bar)}</td>` +
      `<td class="${bar.holds ? 'yes' : 'no'}">${bar.holds ? 'holds' : 'missed'}</td></tr>`,
  );
  return `<h3>Bars</h3><table><tr><th>figure</th><th>value</th><th>bar</th><th></th></tr>${rows.join('')}</table>`;
}

function chartHtml(chart: Chart, id: string): string {
  const colours = ['#2f6fed', '#d1495b', '#1b998b', '#edae49', '#6f4e9c', '#444b59'];
  const series = chart.series.map((line, i) => ({ label: line.name, stroke: colours[i % colours.length], width: 2 }));
  const options = {
    title: chart.title,
    width: 900,
    height: 320,
    scales: { x: { time: false } },
    axes: [{ label: chart.xLabel }, { label: chart.yLabel }],
    series: [{ label: chart.xLabel }, ...series],
  };
  const values = [chart.x, ...chart.series.map((line) => line.y)];
  return `<div id="${id}"></div><script>new uPlot(${JSON.stringify(options)},${JSON.stringify(values)},document.getElementById(${JSON.stringify(id)}))</script>`;
}

/** Writes the report of all `results` to `file`. */
export function writeReport(file: string, results: readonly { suite: Suite; result: SuiteResult }[]): void {
  const plot = readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  const plotStyle = readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  const sections = results.map(({ suite, result }) => {
    const charts = result.charts.map((chart, i) => chartHtml(chart, `${suite.name}-${i}`)).join('');
    const notes = result.notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('');
    const tables = result.tables.map(tableHtml).join('');
    return `<h2>${escapeHtml(suite.name)}: ${escapeHtml(suite.title)}</h2>${barsHtml(result.bars)}${tables}${charts}${notes}`;
  });
  const head = `<meta charset="utf-8"><title>Tickwire benchmarks</title><style>${plotStyle}${STYLE}</style><script>${plot}</script>`;
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><head>${head}</head><body><h1>Tickwire benchmarks</h1>${sections.join('')}</body></html>\n`,
  );
}
