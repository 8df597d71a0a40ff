/**
 * Which request may do what. Tokens are compared in constant time. A request that another site makes a browser send
 * changes nothing, whatever its credentials allow. A server on the loopback answers to loopback names only.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { EndpointRequest } from './endpoint-request';
import type { ResolvedHandlerOptions } from './options';
import { Refusal } from './refusal';
import { WrongTokens } from './wrong-tokens';

const BEARER = /^bearer +(\S+) *$/i;
const CHALLENGE = { 'www-authenticate': 'Bearer realm="cache"' };
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** The actor of a request with the token. */
const TOKEN_ACTOR = 'token';
/** The actor of a request that `authorize` has let in with `true`. */
const UNNAMED_ACTOR = 'authorized';

export class Access {
  readonly #digest: Buffer | undefined;
  readonly #options: ResolvedHandlerOptions;
  readonly #wrongTokens: WrongTokens;

  constructor(options: ResolvedHandlerOptions, wrongTokens = new WrongTokens()) {
    this.#options = options;
    this.#digest = options.token === undefined ? undefined : digest(options.token);
    this.#wrongTokens = wrongTokens;
  }

  /**
   * @returns the actor: the label that `authorize` returned, `token`, or `authorized`
   * @throws Refusal unless this request may change the cache
   */
  async requireChange(request: EndpointRequest): Promise<string> {
    if (this.#digest === undefined && this.#options.authorize === undefined) {
      throw new Refusal(
        'TIERCEL_HTTP_FORBIDDEN',
        'Changing is off: the endpoints were made without a token and without authorize.',
      );
    }
    refuseOtherSites(request);
    const actor = await this.#actor(request, 'change');
    if (actor === undefined) throw unauthorized();
    return actor;
  }

  /**
   * @returns the actor, who may see ids and addresses; undefined for a request that may only read
   * @throws Refusal unless it may read
   */
  async requireRead(request: EndpointRequest): Promise<string | undefined> {
    const actor = await this.#actor(request, 'read');
    if (actor === undefined && this.#options.protectReads) throw unauthorized();
    return actor;
  }

  /**
   * @returns the actor, who may see ids
   * @throws Refusal unless it may, whatever `protectReads` says
   */
  async requireInspect(request: EndpointRequest): Promise<string> {
    const actor = await this.#actor(request, 'read');
    if (actor === undefined) throw unauthorized();
    return actor;
  }

  async #actor(request: EndpointRequest, access: 'read' | 'change'): Promise<string | undefined> {
    const given = BEARER.exec(request.header('authorization') ?? '')?.[1];
    if (given !== undefined && this.#fits(given)) return TOKEN_ACTOR;
    const actor = await this.#authorized(request, access);
    if (actor === undefined && given !== undefined && this.#digest !== undefined) {
      await this.#wrongTokens.penalize();
    }
    return actor;
  }

  async #authorized(request: EndpointRequest, access: 'read' | 'change'): Promise<string | undefined> {
    const { authorize } = this.#options;
    if (authorize === undefined) return undefined;
    const { route, method, raw } = request;
    const answer: unknown = await authorize({
      access,
      route,
      method,
      raw,
      header: (name) => request.header(name),
    });
    // Not just truthy: a forgotten `await` inside, or an error object, must not open the door.
    if (answer === true) return UNNAMED_ACTOR;
    return typeof answer === 'string' && answer !== '' ? answer : undefined;
  }

  #fits(given: string): boolean {
    // Digests are equally long, and the time to compare them says nothing about the tokens.
    return this.#digest !== undefined && timingSafeEqual(digest(given), this.#digest);
  }
}

/**
 * If the DNS of another site names the loopback, browsers take this server for part of that site, and let its pages read
 * the answers. A server that listens on the loopback is meant for this machine, which calls it by a loopback name.
 * @throws Refusal
 */
export function refuseForeignHost(request: EndpointRequest): void {
  if (!request.onLoopback) return;
  const host = request.header('host');
  if (host !== undefined && !LOOPBACK_HOST.test(host)) {
    throw new Refusal(
      'TIERCEL_HTTP_HOST',
      'This server listens on the loopback, and answers to localhost, 127.0.0.1 and [::1] only.',
    );
  }
}

/**
 * A page of another site can make a browser send a form with the user's cookies, which `authorize` may go by, but no
 * `Authorization` header without being asked first. Browsers say which site made them send a request: `Sec-Fetch-Site`,
 * older ones `Origin`. Programs send neither.
 */
function refuseOtherSites(request: EndpointRequest): void {
  if (request.header('authorization') !== undefined) return;
  const site = request.header('sec-fetch-site');
  const origin = request.header('origin');
  const isOther =
    site === undefined
      ? origin !== undefined && hostOf(origin) !== request.header('host')
      : site !== 'same-origin' && site !== 'none';
  if (isOther)
    throw new Refusal('TIERCEL_HTTP_CROSS_SITE', 'Another site must not change the cache from a browser.');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function unauthorized(): Refusal {
  return new Refusal('TIERCEL_HTTP_UNAUTHORIZED', 'Credentials are missing or wrong.', CHALLENGE);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
