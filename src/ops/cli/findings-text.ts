/** Findings as a person reads them, as data, as GitHub shows them beside the code, and as SARIF 2.1.0. */
import type { CacheMap, Finding } from '../../contract/declared';
import { aligned } from '../catalog/map-text';
import { jsonText, type Terminal } from './command';

export const FORMATS = ['stylish', 'json', 'github', 'sarif'] as const;

export interface Checked {
  readonly namespace: string;
  readonly map: CacheMap;
  readonly findings: readonly Finding[];
}

const ANSI: Readonly<Record<Finding['level'], number>> = { error: 31, warning: 33, info: 36 };
/** What the levels are called there. */
const GITHUB: Readonly<Record<Finding['level'], string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
};
const SARIF: Readonly<Record<Finding['level'], string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

export function formatted(
  checked: readonly Checked[],
  format: (typeof FORMATS)[number],
  terminal: Pick<Terminal, 'isInteractive' | 'cwd'>,
): string {
  const all = checked.flatMap(({ findings }) => findings);
  if (format === 'json')
    return jsonText(Object.fromEntries(checked.map(({ namespace, findings }) => [namespace, findings])));
  if (format === 'github') return all.map((finding) => githubLine(finding, terminal.cwd)).join('');
  if (format === 'sarif') return jsonText(sarif(all, terminal.cwd));
  return checked.map((one) => stylish(one, checked.length > 1, terminal)).join('\n');
}

function stylish(
  { namespace, map, findings }: Checked,
  isTitled: boolean,
  terminal: Pick<Terminal, 'isInteractive' | 'cwd'>,
): string {
  const coloured = (level: Finding['level']): string =>
    terminal.isInteractive ? `\u001b[${ANSI[level]}m${level}\u001b[0m` : level;
  const rows = findings.map(({ level, code, message, place }) => [
    coloured(level),
    code,
    message,
    place === undefined ? '' : relative(place, terminal.cwd),
  ]);
  const title = isTitled ? `${namespace}:\n` : '';
  return `${title}${rows.length === 0 ? '' : aligned(rows)}${summaryOf(map, findings)}\n`;
}

/** What was checked, and what was found. */
function summaryOf({ templates, unreached, computed }: CacheMap, findings: readonly Finding[]): string {
  const methods = new Set(templates.flatMap(({ readBy, writtenBy }) => [...readBy, ...writtenBy]));
  const causes = new Set(
    [...templates.flatMap(({ invalidatedBy }) => invalidatedBy), ...unreached].map(
      ({ method, event }) => method ?? event,
    ),
  );
  const unseen = computed.length === 0 ? '' : ` Not seen: what ${computed.join(', ')} compute.`;
  const counts = (['error', 'warning', 'info'] as const).map(
    (level) => `${findings.filter((one) => one.level === level).length} ${level}`,
  );
  return `Checked ${templates.length} templates of ${methods.size} methods, and ${causes.size} invalidators: ${
    findings.length === 0 ? 'nothing found' : counts.join(', ')
  }.${unseen}`;
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function placeOf({ place }: Finding, cwd: string): Place | undefined {
  const [, file, line, column] = /^(.*):(\d+):(\d+)$/.exec(place ?? '') ?? [];
  if (file === undefined) return undefined;
  return { file: relative(file, cwd), line: Number(line), column: Number(column) };
}

function relative(file: string, cwd: string): string {
  return file.startsWith(`${cwd}/`) ? file.slice(cwd.length + 1) : file;
}

function githubLine(finding: Finding, cwd: string): string {
  const place = placeOf(finding, cwd);
  const properties = [
    ...(place === undefined ? [] : [`file=${place.file}`, `line=${place.line}`, `col=${place.column}`]),
    `title=tiercel ${finding.code}`,
  ];
  const message = finding.message.replaceAll('%', '%25').replaceAll('\n', '%0A');
  return `::${GITHUB[finding.level]} ${properties.join(',')}::${message}\n`;
}

function sarif(findings: readonly Finding[], cwd: string): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'tiercel',
            rules: [...new Set(findings.map(({ code }) => code))].map((id) => ({ id })),
          },
        },
        results: findings.map((finding) => {
          const place = placeOf(finding, cwd);
          return {
            ruleId: finding.code,
            level: SARIF[finding.level],
            message: { text: finding.message },
            ...(place === undefined
              ? {}
              : {
                  locations: [
                    {
                      physicalLocation: {
                        artifactLocation: { uri: place.file },
                        region: { startLine: place.line, startColumn: place.column },
                      },
                    },
                  ],
                }),
          };
        }),
      },
    ],
  };
}
