/**
 * One connection that hears of changes, whatever the transport: it joins again on each connect, proves itself with a
 * heartbeat, and reports when changes were missed (channel, P29; trust, P31; loss, P32). The subclass knows what to
 * subscribe to and what a message means. It forgets nothing itself: it tells the listener.
 */
import { type Clock, every, type Timer, withTimeout } from '../contract/clock';
import type { Channel, ChannelListener } from '../contract/coherence';
import { CoherenceRefusedError, UnexpectedMessageError } from '../contract/errors';
import { PollWatch } from './poll-watch';
import { Proofs } from './proofs';
import type { SubscriberClient } from './subscriber-client';

export interface ChannelOptions {
  readonly namespace: string;
  /** Milliseconds between two `PING`s. */
  readonly heartbeatMs: number;
  /** Milliseconds for which a proof holds, counted from when its `PING` was sent. At least three heartbeats. */
  readonly stalenessBoundMs: number;
  /** Which run of which server this client talks to. */
  readonly runOf: (client: SubscriberClient) => Promise<string>;
  /** Whether the connection for data talks to this run, as its master; undefined if that is not known now. */
  readonly confirms: (run: string) => Promise<boolean | undefined>;
  /** Milliseconds without an answer after which the connection is given up and replaced. Default: 3,000. */
  readonly silenceMs?: number;
  /**
   * The server does not let this client listen: an unknown command, a missing permission, a proxy. Called once, and
   * again only if it worked in between. The channel keeps asking every 5 s until it is closed.
   */
  readonly onRefused?: (reason: CoherenceRefusedError) => void;
  /** What holds until then, as a part of a sentence. Default: nothing is served from L1. */
  readonly whileRefused?: string;
  /** Called with each heartbeat while the channel listens. */
  readonly onBeat?: () => void;
  /** Milliseconds for which writers may not know that this channel listens: so long nothing is proven. Default: 0. */
  readonly unheardMs?: number;
  /** Called once, at the first message that cannot be read: it is ignored, or taken for any change. */
  readonly onStrangeMessage?: (reason: UnexpectedMessageError) => void;
}

/** States also differ by identity: a reply belongs to the state object at the time of its command. */
type State =
  | { readonly kind: 'away' }
  | { readonly kind: 'joining'; readonly since: number }
  | Listening
  /** Connected, but the server would not let us join; a new connection is made at `retryAt`. */
  | { readonly kind: 'barred'; readonly retryAt: number }
  | { readonly kind: 'closed' };

interface Listening {
  readonly kind: 'listening';
  readonly since: number;
  readonly run: string;
  /** PINGs without a PONG yet. Several at a time: a slow link must not make proofs rarer. */
  unanswered: number;
  /** When the last PONG came or, if none was awaited then, the next PING was sent. */
  waitingSince: number;
}

const SILENCE_MS = 3_000;
const REFUSED_RETRY_MS = 5_000;
const BUSY_RETRY_MS = 250;
const REVIVE_MS = 100;
/** Error replies of a server that cannot answer now, but does not refuse. */
const PASSING = /^(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/;

// See poll-watch.ts.
const { setImmediate } = globalThis;

export abstract class SubscriberChannel implements Channel {
  /** What `CoherenceRefusedError` calls the transport. */
  protected abstract readonly transport: string;
  readonly #client: SubscriberClient;
  readonly #listener: ChannelListener;
  readonly #clock: Clock;
  readonly #options: ChannelOptions;
  readonly #silenceMs: number;
  readonly #proofs: Proofs;
  readonly #watch: PollWatch;
  readonly #heartbeat: Timer;
  readonly #firstTrusted: Promise<void>;
  #endWait: () => void = () => {};
  #state: State = { kind: 'away' };
  #refusalTold = false;
  #strangeMessageTold = false;
  #reviver: Timer | undefined;

  /** Connects the client, which from now on belongs to the channel and is closed with it. */
  constructor(client: SubscriberClient, listener: ChannelListener, clock: Clock, options: ChannelOptions) {
    this.#client = client;
    this.#listener = listener;
    this.#clock = clock;
    this.#options = options;
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
    this.#proofs = new Proofs(options.stalenessBoundMs, (until) => {
      listener.trustedUntil(until);
      if (clock.now() < until) this.#endWait();
    });
    this.#watch = new PollWatch(clock, this.#proofs, () => listener.usedAt());
    this.#firstTrusted = new Promise((resolve) => {
      this.#endWait = resolve;
    });
    this.#heartbeat = every(clock, options.heartbeatMs, this.#beat);
    client.on('connect', () => this.#connected());
    client.on('ready', () => void this.#join());
    client.on('close', () => this.#closed());
    client.on('end', () => this.#ended());
    client.on('messageBuffer', (channel: unknown, payload: unknown) => this.#message(channel, payload));
    // An error of the connection ends in 'close', and the data connection reports the same fault with its reason.
    client.on('error', () => undefined);
    client.connect().catch(() => undefined);
  }

  age(now: number): number {
    return this.#proofs.age(now);
  }

  async settled(withinMs: number): Promise<void> {
    await withTimeout(this.#clock, this.#firstTrusted, withinMs);
  }

  close(): void {
    if (this.#state.kind === 'closed') return;
    this.#state = { kind: 'closed' };
    this.#proofs.lost();
    this.#watch.close();
    this.#clock.clearInterval(this.#heartbeat);
    this.#clock.clearTimeout(this.#reviver);
    this.#endWait();
    this.#client.disconnect();
    // `disconnect` waits for the peer to close as well, which a silent one never does.
    this.#client.stream?.destroy();
  }

  /** Sends whatever makes the server tell this connection of changes; resolves when it has agreed. */
  protected abstract subscribe(client: SubscriberClient): Promise<void>;

  /** One message of the subscription. Returns whether it was understood. */
  protected abstract heard(payload: unknown, listener: ChannelListener): boolean;

  /** The client still has to log in and to ask whether the server is ready, which a silent one never answers. */
  #connected(): void {
    this.#client.stream?.unref?.();
    if (this.#state.kind !== 'closed') this.#state = { kind: 'joining', since: this.#clock.now() };
  }

  async #join(): Promise<void> {
    if (this.#state.kind === 'closed') return;
    const joining: State = { kind: 'joining', since: this.#clock.now() };
    this.#state = joining;
    let run: string | undefined;
    try {
      run = await this.#options.runOf(this.#client);
      await this.subscribe(this.#client);
    } catch (error) {
      // A client that may not ask for the run is not used for data either, and that is reported there.
      if (this.#state === joining) this.#bar(error as Error, run !== undefined);
      return;
    }
    if (this.#state !== joining) return;
    const since = this.#clock.now();
    const listening: Listening = { kind: 'listening', since, run, unanswered: 0, waitingSince: 0 };
    this.#state = listening;
    this.#refusalTold = false;
    // Before the PING is sent: it must not prove anything about changes that were missed.
    this.#listener.established();
    void this.#ping(listening, since);
  }

  /** Must not throw: the client calls it while it reads from the socket, so an exception would end the process. */
  #message(channel: unknown, payload: unknown): void {
    if (this.#state.kind === 'closed') return;
    try {
      if (this.heard(payload, this.#listener)) return;
    } catch {
      // What it named is not known to be forgotten. A new connection forgets everything.
      this.#client.stream?.destroy();
    }
    if (this.#strangeMessageTold) return;
    this.#strangeMessageTold = true;
    this.#options.onStrangeMessage?.(
      new UnexpectedMessageError({
        subject: String(channel),
        expected: 'messages of Redis and of this version of tiercel only',
        got: `${Buffer.isBuffer(payload) ? `${payload.length} bytes` : typeof payload} that cannot be read`,
        remedy:
          'Find the client that publishes on this channel, and deny it that by an ACL. Later messages are not reported.',
      }),
    );
  }

  #closed(): void {
    const { kind } = this.#state;
    if (kind === 'closed') return;
    this.#state = { kind: 'away' };
    if (kind === 'listening') this.#lost();
  }

  /** The client has given up (see `RedisConnection`). */
  #ended(): void {
    if (this.#state.kind === 'closed') return;
    this.#closed();
    this.#reviver = this.#clock.setTimeout(() => this.#client.connect().catch(() => undefined), REVIVE_MS);
  }

  #lost(): void {
    this.#proofs.lost();
    this.#listener.lost();
  }

  /** An error reply: wait, and try again on a new connection, since the server may have half agreed on this one. */
  #bar(error: Error, isTold = true): void {
    // Anything but a reply means that the connection is ending: 'close' follows.
    if (error.name !== 'ReplyError') return;
    const wasListening = this.#state.kind === 'listening';
    const refused = isTold && !PASSING.test(error.message);
    const retryAt = this.#clock.now() + (refused ? REFUSED_RETRY_MS : BUSY_RETRY_MS);
    this.#state = { kind: 'barred', retryAt };
    if (wasListening) this.#lost();
    if (!refused || this.#refusalTold) return;
    this.#refusalTold = true;
    this.#options.onRefused?.(
      new CoherenceRefusedError({
        subject: this.transport,
        expected: 'a server that lets this client hear of changes',
        got: error.message,
        remedy: `Until it does, ${this.#options.whileRefused ?? 'this process serves nothing from L1'}.`,
        cause: error,
      }),
    );
  }

  #beat = (): void => {
    const now = this.#clock.now();
    if (this.#state.kind === 'listening') void this.#ping(this.#state, now);
    // After a stall the answers may be here and unread: they get one poll phase before their absence counts.
    setImmediate(() => this.#giveUpWhatIsSilent(now));
  };

  async #ping(listening: Listening, sentAt: number): Promise<void> {
    if (listening.unanswered === 0) listening.waitingSince = sentAt;
    listening.unanswered += 1;
    this.#options.onBeat?.();
    const confirming = this.#options.confirms(listening.run);
    try {
      await this.#client.ping();
    } catch (error) {
      if (this.#state === listening) this.#bar(error as Error);
      return;
    }
    if (this.#state !== listening) return;
    const now = this.#clock.now();
    listening.unanswered -= 1;
    listening.waitingSince = now;
    const isSameRun = await confirming;
    if (this.#state !== listening) return;
    // Another server, or a promotion in between: what this connection hears says nothing about the data.
    if (isSameRun === false) this.#client.stream?.destroy();
    if (isSameRun !== true || sentAt - listening.since < (this.#options.unheardMs ?? 0)) return;
    this.#proofs.proven(sentAt);
  }

  #giveUpWhatIsSilent(now: number): void {
    if (this.#isOverdue(now)) this.#client.stream?.destroy();
  }

  #isOverdue(now: number): boolean {
    const state = this.#state;
    switch (state.kind) {
      case 'joining':
        return now - state.since >= this.#silenceMs;
      case 'listening':
        return state.unanswered > 0 && now - state.waitingSince >= this.#silenceMs;
      case 'barred':
        return now >= state.retryAt;
      case 'away':
      case 'closed':
        return false;
    }
  }
}
