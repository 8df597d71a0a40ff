/**
 * The options of the endpoints: declared, checked and resolved. A mistake here could open what must be closed, so
 * anything doubtful is refused, and a token is never repeated.
 */
import { describe } from '../../config/describe';
import { Section } from '../../config/section';
import { ConfigError, type ConfigProblem } from '../../contract/errors';
import type { Registry } from '../observe/prometheus';
import type { RawRequest } from './endpoint-request';

/** What `authorize` decides on. */
export interface AccessRequest {
  /** `change`: `invalidate` and `clear`, dry runs included; `read`: everything else. */
  readonly access: 'read' | 'change';
  /** What follows the base path: `/stats`, `/clear`. */
  readonly route: string;
  readonly method: string;
  /** @param name in lower case */
  header(name: string): string | undefined;
  /** Node's request with what the framework has put on it, or the fetch standard's. */
  readonly raw: RawRequest;
}

export interface CacheHandlerOptions {
  /**
   * The path of the endpoints, without the prefix that a framework's `use` strips. `'/'` if something else has stripped
   * all of it. Default: `'/cache'`.
   */
  readonly basePath?: string | undefined;
  /**
   * A request that sends `Authorization: Bearer <token>` may change the cache, and see ids and addresses. Visible ASCII
   * without spaces; an empty string is a mistake in the configuration. Default: none.
   */
  readonly token?: string | undefined;
  /**
   * Decides instead of the token, or in addition to it. `true` grants access; so does a non-empty string, which is recorded
   * as the actor of a change. Nothing else does. For reading it decides whether ids are shown. If it throws, the answer is
   * 500. Default: none; without it and without a token nobody may change anything.
   */
  readonly authorize?: ((request: AccessRequest) => Authorization | Promise<Authorization>) | undefined;
  /**
   * Refuse reading without credentials, too, except for the empty page of the dashboard and the probes.
   * Default: `true` if there is a token, else `false`.
   */
  readonly protectReads?: boolean | undefined;
  /**
   * The status of `health` if the cache is not healthy. For monitors: a probe that takes instances away would take all of
   * them if Redis is down, although they serve without it. Default: `200`.
   */
  readonly unhealthyStatus?: 200 | 503 | undefined;
  /** What `metrics` shows, after adding the cache's metrics to it. Default: prom-client's own registry. */
  readonly registry?: Registry | undefined;
  /** Called with each error that was answered with 500. Default: the first one becomes a warning of the process. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A string names the actor. */
export type Authorization = boolean | string;

export interface ResolvedHandlerOptions {
  /** Begins with `/` and does not end with it; empty for the root. */
  readonly basePath: string;
  readonly token: string | undefined;
  readonly authorize: CacheHandlerOptions['authorize'];
  readonly protectReads: boolean;
  readonly unhealthyStatus: 200 | 503;
  readonly registry: Registry | undefined;
  readonly onError: (error: unknown) => void;
}

const DEFAULT_BASE_PATH = '/cache';
const PATH = /^(\/[\w.~!$&'()+,;=@%-]+)*\/?$/;
const TOKEN = /^[\x21-\x7e]+$/;

/** @throws ConfigError (`TIERCEL_CONFIG`) that lists every problem */
export function resolveHandlerOptions(options: CacheHandlerOptions): ResolvedHandlerOptions {
  const problems: ConfigProblem[] = [];
  const section = new Section(options, '', problems, "the endpoints' options as an object");
  const token = readToken(section);
  const resolved = {
    basePath: readBasePath(section),
    token,
    authorize: readFunction<CacheHandlerOptions['authorize']>(section, 'authorize'),
    protectReads: section.flag('protectReads', token !== undefined),
    unhealthyStatus: readUnhealthyStatus(section),
    registry: section.value('registry') as Registry | undefined,
    onError: readFunction<CacheHandlerOptions['onError']>(section, 'onError') ?? warnOnce(),
  };
  if (resolved.protectReads && resolved.token === undefined && resolved.authorize === undefined) {
    section.problem('protectReads', 'a token or authorize beside it', 'neither, so that nobody could read');
  }
  section.refuseOthers();
  if (problems.length > 0) throw new ConfigError(problems);
  return resolved;
}

function readBasePath(section: Section): string {
  const value = section.value('basePath') ?? DEFAULT_BASE_PATH;
  if (typeof value === 'string' && PATH.test(value)) return value.replace(/\/$/, '');
  section.problem('basePath', "a path such as '/cache'", describe(value));
  return DEFAULT_BASE_PATH;
}

function readToken(section: Section): string | undefined {
  const value = section.value('token');
  if (value === undefined) return undefined;
  if (typeof value === 'string' && TOKEN.test(value)) return value;
  const got =
    typeof value !== 'string'
      ? `a value of type ${typeof value}`
      : value === ''
        ? 'an empty string'
        : 'other characters';
  section.problem('token', 'visible ASCII characters without spaces', got);
  return undefined;
}

function readUnhealthyStatus(section: Section): 200 | 503 {
  const value = section.value('unhealthyStatus') ?? 200;
  if (value === 200 || value === 503) return value;
  section.problem('unhealthyStatus', '200 or 503', describe(value));
  return 200;
}

function readFunction<F>(section: Section, name: string): F | undefined {
  const value = section.value(name);
  if (value === undefined || typeof value === 'function') return value as F | undefined;
  section.problem(name, 'a function', describe(value));
  return undefined;
}

/** Requests come from outside: they must not be able to fill the log. */
function warnOnce(): (error: unknown) => void {
  let warned = false;
  return (error) => {
    if (warned) return;
    warned = true;
    process.emitWarning(`The cache's endpoints answered 500: ${error}. Give onError to get each of them.`, {
      code: 'TIERCEL_HTTP_FAILED',
    });
  };
}
