/**
 * What the compiler says about programs that register their configuration, through a module that re-exports `Register`
 * by name, as the package's front door does.
 */

import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { complaints, typeProgram } from '../support/type-program';

const CONFIG = join(__dirname, '..', '..', 'src', 'config');

const FRONT_DOOR = `
  import type { PresetName, EventName, EventData } from '${CONFIG}/register';
  import type { StoringOptions } from '${CONFIG}/options';
  export { defineCacheConfig } from '${CONFIG}/define';
  export type { Register } from '${CONFIG}/register';
  export declare function preset(name: PresetName): void;
  export declare function store(options: StoringOptions): void;
  export declare function emit<E extends EventName>(event: E, data: EventData<E>): void;
`;

const REGISTERED = `
  import { defineCacheConfig, emit, preset, store } from 'tiercel';
  const config = defineCacheConfig({
    l2: { host: process.env.REDIS_HOST, port: process.env.REDIS_PORT },
    ttl: { prices: 60, leaderboard: { l1: '1m', l2: '5m' } },
    events: {
      'signal.created': ['feed:*', 'provider:<providerId>:stats', 'feed:<userId>:<cursor?>'],
      'all.changed': ['feed:*'],
    },
  });
  declare module 'tiercel' { interface Register { config: typeof config } }
`;

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.Node20,
  types: ['node'],
  typeRoots: [join(__dirname, '..', '..', 'node_modules', '@types')],
  paths: { tiercel: [join(__dirname, 'front-door.ts')] },
};

/** The first line of each complaint about a program, which sees the front door as the module `tiercel`. */
function complaintsOf(program: string): string[] {
  const file = join(__dirname, 'program.ts');
  const written = new Map([
    [join(__dirname, 'front-door.ts'), FRONT_DOOR],
    [file, program],
  ]);
  const complaint = /^.*\(\d+\): (.*)/;
  return complaints(typeProgram([file], OPTIONS, written), (about) => written.has(about)).map(
    (text) => complaint.exec(text)?.[1] ?? text,
  );
}

describe('Register', () => {
  it('left empty, lets every preset and event name pass', () => {
    const program = `
      import { emit, preset, store } from 'tiercel';
      preset('anything'); store({ ttl: 'anything' }); emit('any.event', { any: 1 });
    `;
    expect(complaintsOf(program)).to.deep.equal([]);
  });

  it('augmented, accepts the names of the configuration, and durations for a ttl', () => {
    const program = `${REGISTERED}
      preset('prices'); store({ ttl: 'leaderboard' }); store({ ttl: '5m' }); store({ ttl: { l1: '1s' } });
      emit('signal.created', { providerId: 7, userId: 'u', cursor: undefined, title: {} });
      emit('all.changed', {});
    `;
    expect(complaintsOf(program)).to.deep.equal([]);
  });

  it('augmented, refuses a preset and an event that the configuration does not name', () => {
    const known = '"prices" | "leaderboard"';
    expect(complaintsOf(`${REGISTERED} preset('price');`)).to.deep.equal([
      `Argument of type '"price"' is not assignable to parameter of type '${known}'.`,
    ]);
    expect(complaintsOf(`${REGISTERED} store({ ttl: 'price' });`)).to.have.length(1);
    expect(complaintsOf(`${REGISTERED} emit('signal.create', {});`)).to.have.length(1);
  });

  it('augmented, refuses event data that leave a placeholder of any pattern without a value', () => {
    const [complaint, ...others] = complaintsOf(`${REGISTERED} emit('signal.created', { providerId: 7 });`);
    expect(complaint).to.contain("'{ providerId: number; }' is not assignable");
    expect(others).to.deep.equal([]);
    expect(
      complaintsOf(`${REGISTERED} emit('signal.created', { providerId: 7, userId: {} });`),
    ).to.have.length(1);
  });

  it('augmented with a configuration without presets and events, knows no names', () => {
    const program = `
      import { defineCacheConfig, emit, preset } from 'tiercel';
      const config = defineCacheConfig({ namespace: 'app' });
      declare module 'tiercel' { interface Register { config: typeof config } }
      preset('anything'); emit('any.event', {});
    `;
    expect(complaintsOf(program)).to.have.length(2);
  });
});

describe('the type of defineCacheConfig', () => {
  for (const mistake of [
    '{ namepsace: "app" }',
    '{ l1: { maxsize: 10 } }',
    '{ l2: { host: "h", timeout: "1s" } }',
    '{ l2: { deadline: 50 } }',
    '{ l1: { sweep: "30" } }',
    '{ coherence: { heartbeat: "100ms", bound: "1s" } }',
    '{ ttl: { prices: "5 minutes" } }',
    '{ ttl: { prices: { l1: 5, l3: 5 } } }',
    '{ events: { created: "feed:*" } }',
    '{ serializer: "xml" }',
  ]) {
    it(`refuses ${mistake}`, () => {
      const program = `import { defineCacheConfig } from 'tiercel'; defineCacheConfig(${mistake});`;
      expect(complaintsOf(program)).to.have.length(1);
    });
  }

  it('accepts everything that the options say, with undefined for what is left out', () => {
    const program = `
      import { defineCacheConfig } from 'tiercel';
      const config = defineCacheConfig({
        namespace: undefined, l1: { maxSize: 1000, defaultTTL: '5m', maxBytes: undefined },
        l2: { url: process.env.REDIS_URL, tls: { rejectUnauthorized: false }, deadline: '20ms' },
        ttl: { prices: 60, portfolio: '3m' }, patterns: ['signal:*'],
        coherence: { transport: 'auto', degradedTtl: 0 }, monitoring: { hitRateThreshold: 80 },
        serializer: { tag: 'msgpack', encode: () => '', decode: () => 1, extra: true },
      });
      const minute: 60 = config.ttl.prices;
      defineCacheConfig({ l1: false, l2: false });
      defineCacheConfig({});
    `;
    expect(complaintsOf(program)).to.deep.equal([]);
  });
});
