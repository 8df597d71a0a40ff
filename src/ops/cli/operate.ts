/** `top`, `health`, `report`, `invalidate` and `clear`: a running service, by its endpoints. */
import type { InvalidationPreview } from '../../contract/invalidation-history';
import type { Health, Report } from '../../contract/report';
import {
  type Command,
  CommandError,
  type CommandResult,
  done,
  JSON_HELP,
  JSON_OPTION,
  jsonText,
  type Terminal,
  type Values,
} from './command';
import { healthText, markdownOf, previewText, topText } from './report-text';
import { SERVICE_HELP, SERVICE_OPTIONS, Service } from './service';

const REFRESH_MS = 2_000;

export const top: Command = {
  name: 'top',
  group: 'A running service',
  synopsis: 'top',
  summary: 'The verdict and the methods by load time, of the last minute, every 2 s.',
  options: { ...SERVICE_OPTIONS, ...JSON_OPTION, once: { type: 'boolean' } },
  help: [...SERVICE_HELP, ['--once', 'Once, without clearing the screen.'], JSON_HELP],
  async run(_, values, terminal) {
    const answer = await new Service(values, terminal).ask<Report>('/report');
    if (values['json'] === true) return done(jsonText(answer.windows.lastMinute));
    const out = topText(answer);
    return values['once'] === true ? done(out) : { ...done(out), againMs: REFRESH_MS };
  },
};

export const health: Command = {
  name: 'health',
  group: 'A running service',
  synopsis: 'health',
  summary: 'The verdict, causes first. Exits with 1 if the cache is not healthy.',
  options: { ...SERVICE_OPTIONS, ...JSON_OPTION },
  help: [...SERVICE_HELP, JSON_HELP],
  async run(_, values, terminal) {
    const answer = await new Service(values, terminal).ask<Health>('/health');
    return done(values['json'] === true ? jsonText(answer) : healthText(answer), answer.healthy ? 0 : 1);
  },
};

export const report: Command = {
  name: 'report',
  group: 'A running service',
  synopsis: 'report',
  summary: 'Everything in figures, as Markdown for a ticket.',
  options: { ...SERVICE_OPTIONS, ...JSON_OPTION, markdown: { type: 'boolean' } },
  help: [...SERVICE_HELP, ['--markdown', 'The default.'], JSON_HELP],
  async run(_, values, terminal) {
    const answer = await new Service(values, terminal).ask<Report>('/report');
    return done(values['json'] === true ? jsonText(answer) : markdownOf(answer));
  },
};

const CHANGE_OPTIONS = {
  ...SERVICE_OPTIONS,
  reason: { type: 'string' },
  'dry-run': { type: 'boolean' },
  confirm: { type: 'string' },
} as const;
const CHANGE_HELP = [
  ['--dry-run', 'Change nothing: say what would be reached.'],
  ['--reason <text>', 'Why: it stands in the record of changes.'],
] as const;
const CONFIRM_HELP = [
  '--confirm <namespace>',
  'The name that a terminal asks for if everything is to go.',
] as const;

export const invalidate: Command = {
  name: 'invalidate',
  group: 'A running service',
  synopsis: 'invalidate <pattern...>',
  summary: 'Invalidates keys, patterns, tags, or what an event of the configuration stands for.',
  options: {
    ...CHANGE_OPTIONS,
    tag: { type: 'string', multiple: true },
    event: { type: 'string' },
    data: { type: 'string' },
    force: { type: 'boolean' },
  },
  help: [
    ...SERVICE_HELP,
    ['<pattern...>', "Such as 'feed:42:*' or user:42."],
    ['--tag <tag>', 'A tag; may be repeated.'],
    ['--event <name>', 'An event, with --data as JSON.'],
    ...CHANGE_HELP,
    ['--force', 'Also names that no cached template can give.'],
    CONFIRM_HELP,
  ],
  async run(patterns, values, terminal) {
    const service = new Service(values, terminal);
    const what = requested(patterns, values);
    if (patterns.includes('*')) await confirmed(service, values, terminal);
    return changed(await service.ask('/invalidate', { method: 'POST', body: what }));
  },
};

export const clear: Command = {
  name: 'clear',
  group: 'A running service',
  synopsis: 'clear',
  summary: 'Clears the namespace: everything is loaded again.',
  options: CHANGE_OPTIONS,
  help: [...SERVICE_HELP, ...CHANGE_HELP, CONFIRM_HELP],
  async run(_, values, terminal) {
    const service = new Service(values, terminal);
    await confirmed(service, values, terminal);
    const query = {
      ...(values['reason'] === undefined ? {} : { reason: String(values['reason']) }),
      ...(values['dry-run'] === true ? { dryRun: 'true' } : {}),
    };
    return changed(await service.ask('/clear', { method: 'DELETE', query }));
  },
};

function requested(patterns: readonly string[], values: Values): object {
  const { tag, event, data, reason, force } = values;
  const common = {
    ...(reason === undefined ? {} : { reason }),
    ...(values['dry-run'] === true ? { dryRun: true } : {}),
    ...(force === true ? { force } : {}),
  };
  if (event !== undefined) return { event, data: eventData(data), ...common };
  if (patterns.length === 0 && tag === undefined)
    throw new CommandError('Nothing to invalidate: name a pattern, --tag or --event.');
  return {
    ...(patterns.length === 0 ? {} : { patterns }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...common,
  };
}

function eventData(data: Values[string]): unknown {
  try {
    return JSON.parse(String(data ?? '{}'));
  } catch {
    throw new CommandError(`--data is JSON, such as '{"userId":"42"}'.`);
  }
}

/**
 * Clearing everything by mistake costs a database its quiet: the name of the namespace has to be given.
 * @throws CommandError if it is another one
 */
async function confirmed(service: Service, values: Values, terminal: Terminal): Promise<void> {
  if (values['dry-run'] === true) return;
  const { cache } = await service.ask<Report>('/report');
  const given =
    values['confirm'] ??
    (terminal.isInteractive
      ? await terminal.ask(`Everything in '${cache}' will be loaded again. Its name: `)
      : undefined);
  if (given === cache) return;
  throw new CommandError(
    given === undefined
      ? `This removes everything in '${cache}'. Confirm it with --confirm ${cache}.`
      : `The namespace is '${cache}', not '${given}'. Nothing was changed.`,
  );
}

type Changed = Partial<InvalidationPreview> & {
  readonly dryRun?: boolean;
  readonly acknowledged?: boolean;
  readonly swept?: number;
};

function changed(answer: Changed): CommandResult {
  if (answer.dryRun === true) return done(previewText(answer as InvalidationPreview));
  const swept = answer.swept ? ` ${answer.swept} entries were removed one by one.` : '';
  return answer.acknowledged === true
    ? done(`Done: no process serves them any more.${swept}\n`)
    : done(
        `Redis has not confirmed yet. The service goes on trying; other processes follow then.${swept}\n`,
        1,
      );
}
