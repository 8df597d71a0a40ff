import { expect } from 'chai';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { SCRIPTS, type ScriptName } from '../../src/redis/scripts';
import { SimulatedRedis } from '../../src/testing/simulated-redis';
import { ManualClock } from '../support/manual-clock';
import { sharedRedis, useNodes } from '../support/nodes';

const KEYS = ['a', 'b'] as const;
/** So far apart that a slow machine does not blur them. */
const TIMES_MS = [100_000, 200_000, 300_000] as const;
const TOKENS = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc'] as const;
const [LEASE, OTHER_LEASE] = TOKENS.map((token) => `L${token}`) as [string, string];
/** With the header's lengths in their place: of the version, 0, and of the serializer, 4. */
const ENTRIES = TOKENS.map((token) => `V1${token}${'0'.repeat(19)}0004010000json${token}\n1`);

interface Command {
  readonly name: string;
  readonly args: readonly (string | number)[];
}

const key = fc.constantFrom(...KEYS);
const ms = fc.constantFrom(...TIMES_MS);
const token = fc.constantFrom(...TOKENS);
const entry = fc.constantFrom(...ENTRIES);
const lease = fc.constantFrom(LEASE, OTHER_LEASE);
const generationKeyMs = fc.option(ms, { nil: '' });
const expected = fc.oneof(
  lease,
  entry.map((text) => text.slice(0, 18)),
  token.map((text) => `W.${text}`),
);
const prefix = fc.oneof(expected, entry, fc.constantFrom('', 'W', 'something'));

/** The trial of the handshake has a name of its own, where nothing else is. */
const ARGUMENTS: Readonly<
  Record<Exclude<ScriptName, 'tiercelTrial'>, fc.Arbitrary<readonly (string | number)[]>>
> = {
  tiercelReadGeneration: fc.tuple(token, generationKeyMs),
  tiercelRestampGeneration: fc.tuple(token, token, generationKeyMs),
  // None of the others' times, and never the same twice (see `withoutTies`).
  tiercelExtendGeneration: fc.tuple(fc.constantFrom(150_000, 250_000)),
  tiercelPurge: fc.tuple(token),
  tiercelRemoveGeneration: fc.constant([]),
  tiercelBeginWrite: fc.tuple(token, ms),
  tiercelEndWrite: fc.tuple(token),
  tiercelClaim: fc.tuple(lease, ms),
  tiercelReplace: fc.tuple(lease, ms, prefix, fc.constantFrom('', 17, 18)),
  tiercelFill: fc.tuple(expected, entry, ms),
  tiercelConfirm: fc.tuple(expected),
  tiercelRelease: fc.tuple(lease),
  tiercelRenew: fc.tuple(lease, ms),
  tiercelInvalidate: fc.constant([]),
  tiercelSet: fc.tuple(entry, ms),
  tiercelBeginPut: fc.tuple(token, ms),
  tiercelRenewWrite: fc.tuple(token, ms),
  tiercelCommitPut: fc.tuple(expected, token, entry, ms),
  tiercelWithdrawPut: fc.tuple(token),
};

const foreign = fc.constantFrom('', 'W', 'W.', 'V1', 'something', 'W.short', `W!${TOKENS[0]}`);
const command: fc.Arbitrary<Command> = fc.oneof(
  ...Object.entries(ARGUMENTS).map(([name, args]) =>
    fc.tuple(key, args).map(([first, others]) => ({ name, args: [first, ...others] })),
  ),
  fc.tuple(key, foreign).map((args) => ({ name: 'SET', args })),
  fc.tuple(key, lease, ms).map(([first, value, px]) => ({
    name: 'SET',
    args: [first, value, 'PX', px, 'NX', 'GET'],
  })),
  key.map((first) => ({ name: 'DEL', args: [first] })),
  fc.tuple(key, ms).map((args) => ({ name: 'PEXPIRE', args })),
  fc.tuple(fc.constant('set'), token).map((args) => ({ name: 'SADD', args })),
  fc.constantFrom('GET', 'tiercelInvalidate').map((name) => ({ name, args: ['set'] })),
  fc.constant({ name: 'MGET', args: [...KEYS, 'set', 'nothing'] }),
);

/** What one command did, as far as anybody can see. */
interface Effect {
  readonly reply: unknown;
  readonly values: readonly unknown[];
  /** In units of the times that are used; negative as `PTTL` has it. */
  readonly lives: readonly number[];
  readonly told: readonly (string | null)[];
}

describe('the simulated Redis', () => {
  const nodes = useNodes(after);
  let real: Redis;
  let subscriber: Redis;
  let told = new Set<string>();

  before(async () => {
    const server = await sharedRedis();
    real = nodes.client(server);
    for (const [name, script] of Object.entries(SCRIPTS)) real.defineCommand(name, script);
    subscriber = new Redis(server.port, '127.0.0.1', { protocol: 2 });
    const prefix = `${nodes.namespace}:`;
    const id = Number(await subscriber.client('ID'));
    await subscriber.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', prefix);
    await subscriber.subscribe('__redis__:invalidate');
    subscriber.on('messageBuffer', (_channel, names: Buffer[]) => {
      for (const name of names) told.add(String(name).slice(prefix.length));
    });
  });

  after(async () => {
    subscriber.disconnect();
  });

  async function effectOnReal({ name, args }: Command): Promise<Effect> {
    told = new Set();
    const isScript = name in SCRIPTS;
    const client = real as unknown as Record<ScriptName, (...args: readonly unknown[]) => Promise<unknown>>;
    const command = isScript ? client[name as ScriptName](...args) : real.call(name, ...args);
    const reply = await command.catch(errorOf);
    const values = await Promise.all(KEYS.map((one) => real.get(one)));
    const lives = await Promise.all(KEYS.map((one) => real.pttl(one)));
    await subscriber.ping();
    return { reply, values, lives: lives.map(unitsOf), told: [...told].sort() };
  }

  function effectOnSimulated(redis: SimulatedRedis, { name, args }: Command): Effect {
    const names = new Set<string>();
    const listen = (one: string | null): unknown => names.add(String(one));
    redis.listeners.add(listen);
    let reply: unknown;
    try {
      reply = redis.run(name, args);
    } catch (error) {
      reply = errorOf(error as Error);
    }
    redis.listeners.delete(listen);
    return {
      reply,
      values: KEYS.map((one) => redis.get(one) ?? null),
      lives: KEYS.map((one) => unitsOf(redis.msLeft(one))),
      told: [...names].sort(),
    };
  }

  it('replies, stores, keeps and tells as a real one does, after any sequence of commands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 20 }), async (commands) => {
        await real.del(...KEYS, 'set');
        // What was said of that must not be taken for news.
        await subscriber.ping();
        const simulated = new SimulatedRedis(new ManualClock());
        for (const one of withoutTies(commands)) {
          expect(effectOnSimulated(simulated, one)).to.deep.equal(await effectOnReal(one));
        }
      }),
      { numRuns: 150 },
    );
  });
});

/**
 * A generation key is extended only if it would expire sooner. Asked twice for the same time, a real server extends it if
 * a millisecond has passed between the two, which depends on the machine. So each request asks for a little more.
 */
function withoutTies(commands: readonly Command[]): readonly Command[] {
  return commands.map((one, index) =>
    one.name === 'tiercelExtendGeneration'
      ? { ...one, args: [one.args[0]!, Number(one.args[1]) + index] }
      : one,
  );
}

function errorOf(error: Error): string {
  return /WRONGTYPE/.exec(error.message)?.[0] ?? error.message;
}

function unitsOf(ms: number): number {
  return ms < 0 ? ms : Math.round(ms / 50_000);
}
