/** The endpoints of a running service, as a command asks them. */
import { CommandError, type Terminal, type Values } from './command';

export const SERVICE_OPTIONS = { url: { type: 'string' }, token: { type: 'string' } } as const;
export const SERVICE_HELP = [
  ['--url <url>', 'The endpoints, such as http://localhost:8080/cache. Default: TIERCEL_URL.'],
  ['--token <token>', 'Their token. Default: TIERCEL_TOKEN, which no list of processes shows.'],
] as const;

const LIMIT_MS = 10_000;

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export class Service {
  readonly #url: string;
  readonly #token: string | undefined;

  /** @throws CommandError without a URL */
  constructor(values: Values, { env }: Pick<Terminal, 'env'>) {
    const url = values['url'] ?? env['TIERCEL_URL'];
    if (typeof url !== 'string' || !URL.canParse(url))
      throw new CommandError(
        'No service. Give --url, such as http://localhost:8080/cache, or set TIERCEL_URL.',
      );
    this.#url = url.replace(/\/$/, '');
    this.#token = (values['token'] as string | undefined) ?? env['TIERCEL_TOKEN'];
  }

  /**
   * What the endpoint answers.
   * @throws CommandError if nothing answers, or the answer is an error; it carries the message of the service
   */
  async ask<Answer>(route: string, { method = 'GET', query, body }: Asked = {}): Promise<Answer> {
    const url = `${this.#url}${route}${query === undefined ? '' : `?${new URLSearchParams(query)}`}`;
    const headers = {
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const signal = AbortSignal.timeout(LIMIT_MS);
    const init = { method, headers, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(url, init).catch((error: Error) => {
      const reason = (error.cause as Error | undefined)?.message ?? error.message;
      throw new CommandError(`${this.#url} does not answer: ${reason}`);
    });
    const text = await response.text();
    // An unhealthy service answers 503 with its health.
    if (response.ok || (route === '/health' && response.status === 503)) return parsed(text, url) as Answer;
    throw new CommandError(refusalOf(response.status, text, url));
  }
}

function parsed(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(
      `${url} does not answer as a cache does. Does the URL end in the base path, /cache?`,
    );
  }
}

function refusalOf(status: number, text: string, url: string): string {
  if (status === 404) return `${url} is no endpoint of a cache. Does the URL end in the base path, /cache?`;
  if (status === 401) return `${url} wants a token: give --token or set TIERCEL_TOKEN.`;
  try {
    const { error } = JSON.parse(text) as {
      readonly error: { readonly code: string; readonly message: string };
    };
    return `${error.message} (${error.code})`;
  } catch {
    return `${url} answers ${status}. Does the URL end in the base path, /cache?`;
  }
}
