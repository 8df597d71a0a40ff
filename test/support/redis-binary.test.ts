import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { findRedisBinary } from './redis-binary';

describe('findRedisBinary', () => {
  let folder: string;

  function binary(...path: string[]): string {
    const file = join(folder, ...path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    chmodSync(file, 0o755);
    return file;
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tiercel-path-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('takes REDIS_SERVER before anything on the PATH', () => {
    const named = binary('elsewhere', 'my-redis');
    binary('bin', 'redis-server');
    expect(findRedisBinary({ REDIS_SERVER: named, PATH: join(folder, 'bin') })).to.equal(named);
  });

  it('refuses a REDIS_SERVER that cannot be run, instead of testing against another server', () => {
    binary('bin', 'redis-server');
    const env = { REDIS_SERVER: join(folder, 'missing'), PATH: join(folder, 'bin') };
    expect(() => findRedisBinary(env)).to.throw(/REDIS_SERVER names .*missing/);
  });

  it('finds redis-server before valkey-server, wherever on the PATH they are', () => {
    const valkey = binary('first', 'valkey-server');
    const PATH = [join(folder, 'first'), join(folder, 'second')].join(delimiter);
    expect(findRedisBinary({ PATH })).to.equal(valkey);
    const redis = binary('second', 'redis-server');
    expect(findRedisBinary({ PATH })).to.equal(redis);
  });

  it('passes over folders and files that cannot be executed', () => {
    mkdirSync(join(folder, 'first', 'redis-server'), { recursive: true });
    chmodSync(binary('second', 'redis-server'), 0o644);
    const PATH = [join(folder, 'first'), join(folder, 'second')].join(delimiter);
    expect(findRedisBinary({ PATH })).to.equal(undefined);
  });
});
