/**
 * Who may do what. A token is compared without telling by the time taken how much of it was right; a browser that is led
 * here by another site gets nothing done, whatever it would be allowed to do.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { EndpointRequest } from './endpoint-request';
import type { ResolvedHandlerOptions } from './options';
import { Refusal } from './refusal';

const BEARER = /^bearer +(\S+) *$/i;
const CHALLENGE = { 'www-authenticate': 'Bearer realm="cache"' };

export class Access {
  readonly #digest: Buffer | undefined;
  readonly #options: ResolvedHandlerOptions;

  constructor(options: ResolvedHandlerOptions) {
    this.#options = options;
    this.#digest = options.token === undefined ? undefined : digest(options.token);
  }

  /** @throws Refusal unless this request may change the cache */
  async requireChange(request: EndpointRequest): Promise<void> {
    if (this.#digest === undefined && this.#options.authorize === undefined) {
      throw new Refusal(
        'TIERCEL_HTTP_FORBIDDEN',
        'Changing is off: the endpoints were made without a token and without authorize.',
      );
    }
    refuseOtherSites(request);
    if (!(await this.#granted(request, 'change'))) throw unauthorized();
  }

  /**
   * @returns whether this request may see the ids in keys
   * @throws Refusal unless it may read
   */
  async requireRead(request: EndpointRequest): Promise<boolean> {
    const granted = await this.#granted(request, 'read');
    if (!granted && this.#options.protectReads) throw unauthorized();
    return granted;
  }

  async #granted(request: EndpointRequest, access: 'read' | 'change'): Promise<boolean> {
    if (this.#tokenFits(request)) return true;
    const { authorize } = this.#options;
    if (authorize === undefined) return false;
    const { route, method, raw } = request;
    // Not just truthy: a forgotten `await` inside, or an error object, must not open the door.
    return (await authorize({ access, route, method, raw, header: (name) => request.header(name) })) === true;
  }

  #tokenFits(request: EndpointRequest): boolean {
    const given = BEARER.exec(request.header('authorization') ?? '')?.[1];
    if (this.#digest === undefined || given === undefined) return false;
    // Digests are equally long, and their comparison tells nothing of the texts.
    return timingSafeEqual(digest(given), this.#digest);
  }
}

/**
 * A page of another site can make a browser send a form with the user's cookies, which `authorize` may go by, but no
 * `Authorization` header without being asked first. Browsers say from where they were led: `Sec-Fetch-Site`, older ones
 * `Origin`. Programs send neither.
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

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
