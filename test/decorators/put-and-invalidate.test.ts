import { expect } from 'chai';
import { decoratedMethod } from '../../src/registry/declarations';
import { errorOf, inBothModes } from './both-modes';

inBothModes<typeof import('./fixtures/writing')>('@CachePut', 'fixtures/writing.ts', (ground) => {
  const service = () => new ground.fixture.Users();

  it('runs the method every time and stores its result', async () => {
    const users = service();
    await users.rename('7', 'Ada');
    expect(await users.rename('7', 'Ada')).to.equal(users.result);
    expect(users.runs).to.equal(2);
    expect(ground.cache.engine.content).to.deep.equal({ 'user:7': users.result });
    expect(ground.cache.compiled.map(({ label }) => label)).to.deep.equal(['Users.rename']);
  });

  it('stores nothing and passes the error on unchanged when the method fails', async () => {
    const users = service();
    users.result = undefined;
    expect(await errorOf(() => users.rename('7', 'Ada'))).to.equal(ground.fixture.refused);
    expect(ground.cache.engine.content).to.deep.equal({});
    expect(users.runs).to.equal(1);
  });

  it('stores what value selects, under the key of the arguments as they were before the method ran', async () => {
    await service().save({ id: '7' });
    expect(ground.cache.engine.content).to.deep.equal({
      'user:7:name': 'Ada for changed by the method, run 1',
    });
  });

  it('only runs the method if `when` returns false', async () => {
    const users = service();
    await users.save({ id: 'hidden' });
    expect(users.runs).to.equal(1);
    expect(ground.cache.engine.operations).to.equal(0);
  });

  it('invalidates the entry instead of storing what unless refuses', async () => {
    const users = service();
    ground.cache.engine.store('user:7:name', 'old');
    users.result = { id: '7', name: '' };
    await users.save({ id: '7' });
    expect(ground.cache.engine.content).to.deep.equal({});
  });

  it('invalidates a key that uses the result, since it could not be watched while the method ran', async () => {
    ground.cache.engine.store('user:7', 'old');
    await service().create('Ada');
    expect(ground.cache.engine.log).to.deep.equal(['invalidate user:7']);
    expect(ground.cache.engine.content).to.deep.equal({});
  });

  it('rejects before the method runs when a required value is missing', async () => {
    const users = service();
    const error = await errorOf(() => users.rename(undefined as unknown as string, 'Ada'));
    expect(error).to.have.property('code', 'TIERCEL_MISSING_VALUE');
    expect(users.runs).to.equal(0);
  });

  it('invalidates, then rejects, when value throws after the method has run', async () => {
    const users = service();
    ground.cache.engine.store('broken', 'old');
    expect((await errorOf(() => users.brokenPut())).message).to.equal('broken value');
    expect(users.runs).to.equal(1);
    expect(ground.cache.engine.content).to.deep.equal({});
  });
});

inBothModes<typeof import('./fixtures/writing')>('@CacheInvalidate', 'fixtures/writing.ts', (ground) => {
  const service = () => new ground.fixture.Users();

  /** Lets the method note where in the log it ran. */
  function noting(users: ReturnType<typeof service>) {
    users.onRun = () => ground.cache.engine.log.push('method');
    return users;
  }

  it('invalidates keys, patterns and what the result names once the method has succeeded', async () => {
    ground.cache.engine.store('users:all:1', 'old');
    await noting(service()).remove('7');
    expect(ground.cache.engine.log).to.deep.equal([
      'method',
      'invalidate user:7',
      'invalidate users:*',
      'invalidate name:Ada',
    ]);
    expect(ground.cache.engine.content).to.deep.equal({});
  });

  it('invalidates nothing when the method fails', async () => {
    const users = service();
    users.result = undefined;
    expect(await errorOf(() => users.remove('7'))).to.equal(ground.fixture.refused);
    expect(ground.cache.engine.log).to.deep.equal([]);
  });

  it("invalidates after a failure too with on: 'always', and passes the error on unchanged", async () => {
    const users = service();
    users.result = undefined;
    expect(await errorOf(() => users.removeAlways('7'))).to.equal(ground.fixture.refused);
    expect(ground.cache.engine.log).to.deep.equal(['invalidate user:7']);
  });

  it("invalidates before the method runs with timing: 'before'", async () => {
    await noting(service()).removeBefore('7');
    expect(ground.cache.engine.log).to.deep.equal(['invalidate user:7', 'method']);
  });

  it('invalidates nothing if `when` returns false, with the instance as this', async () => {
    const users = service();
    await users.removeSome('kept');
    await users.removeSome('7');
    expect(ground.cache.engine.log).to.deep.equal([]);
    await service().removeSome('7');
    expect(ground.cache.engine.log).to.deep.equal(['invalidate user:7']);
  });

  it('invalidates all that a function of arguments and result returns; a whole segment * is a wildcard', async () => {
    await service().removeMany(['1', 'a*b', '*']);
    expect(ground.cache.engine.log).to.deep.equal([
      'invalidate user:1',
      'invalidate user:a%2Ab',
      'invalidate user:*',
      'invalidate by:Ada:*',
    ]);
  });

  it('rejects before the method runs when a required value is missing', async () => {
    const users = service();
    const error = await errorOf(() => users.remove(null as unknown as string));
    expect(error).to.have.property('code', 'TIERCEL_MISSING_VALUE');
    expect(users.runs).to.equal(0);
  });

  it('rejects after everything else was invalidated when a value of the result is missing', async () => {
    const users = service();
    users.result = { id: '7' } as never;
    expect(await errorOf(() => users.remove('7'))).to.have.property('code', 'TIERCEL_MISSING_VALUE');
    expect(ground.cache.engine.log).to.deep.equal(['invalidate user:7', 'invalidate users:*']);
  });

  it('rejects after everything else was invalidated if the function does not return an array', async () => {
    const users = service();
    expect(await errorOf(() => users.brokenFunction('7'))).to.have.property('code', 'TIERCEL_KEY_FUNCTION');
    expect(users.runs).to.equal(1);
    expect(ground.cache.engine.log).to.deep.equal(['invalidate user:7']);
  });

  it('invalidates even while the engine is not active, or other processes would keep what the method has changed', async () => {
    ground.cache.engine.active = false;
    await service().remove('7');
    expect(ground.cache.engine.log).to.deep.equal([
      'invalidate user:7',
      'invalidate users:*',
      'invalidate name:Ada',
    ]);
  });

  it('an event stands for its patterns; its data are the arguments by name', async () => {
    await service().touch('7');
    expect(ground.cache.engine.log).to.deep.equal(['invalidate user:7', 'invalidate users:*']);
  });

  it('the data of an event can be made of arguments and result, once the method has succeeded', async () => {
    const users = service();
    await users.import('Ada');
    expect(ground.cache.engine.log).to.deep.equal(['invalidate user:7', 'invalidate users:*']);
    users.result = undefined;
    await errorOf(() => users.import('Ada'));
    expect(ground.cache.engine.log).to.have.length(2);
  });

  it('an event that the configuration does not have rejects the call before the method runs', async () => {
    const users = service();
    expect(await errorOf(() => users.misspelt('7'))).to.have.property(
      'message',
      'unknown event: user.chnged',
    );
    expect(users.runs).to.equal(0);
  });

  it('data without a value of the event reject the call before anything is touched', async () => {
    const users = service();
    const error = await errorOf(() => users.touch(undefined as unknown as string));
    expect(error).to.have.property('code', 'TIERCEL_MISSING_VALUE');
    expect(users.runs).to.equal(0);
    expect(ground.cache.engine.log).to.deep.equal([]);
  });
});

inBothModes<typeof import('./fixtures/writing')>('stacked decorators', 'fixtures/writing.ts', (ground) => {
  const service = () => new ground.fixture.Users();

  it('P25: are one operation: begins, the method once, invalidations, puts', async () => {
    const users = service();
    users.onRun = () => ground.cache.engine.log.push('method');
    await users.stacked('7');
    expect(users.runs).to.equal(1);
    expect(ground.cache.engine.log).to.deep.equal([
      'invalidate log:7',
      'method',
      'invalidate users:*',
      'put user:7',
    ]);
  });

  it('P25: let the invalidation win over a put of the same key', async () => {
    await service().contradicting('7');
    expect(ground.cache.engine.content).to.deep.equal({});
    expect(ground.cache.engine.log).to.deep.equal(['invalidate user:*']);
  });

  it('P25: put a key once, as the outer decorator declares', async () => {
    await service().putTwice('7');
    expect(ground.cache.engine.log).to.deep.equal(['put user:7']);
    expect(ground.cache.engine.content).to.deep.equal({ 'user:7': 'outer' });
  });

  it('P25: let the invalidation win if only the result shows that the key is the same', async () => {
    await service().contradictingLate('7', 'Ada');
    expect(ground.cache.engine.content).to.deep.equal({});
    await service().contradictingLate('7', 'Grace');
    expect(Object.keys(ground.cache.engine.content)).to.deep.equal(['name:Grace']);
  });

  it('run nothing on a hit of @Cacheable, and the rest of them with the method on a miss', async () => {
    const users = service();
    await users.read('7');
    expect(ground.cache.engine.log).to.deep.equal(['load user:7', 'invalidate seen:7']);
    await users.read('7');
    expect(ground.cache.engine.log.slice(2)).to.deep.equal(['hit user:7']);
    expect(users.runs).to.equal(1);
  });

  it('still run the others if `when` of @Cacheable returns false', async () => {
    await service().read('uncached');
    expect(ground.cache.engine.log).to.deep.equal(['invalidate seen:uncached']);
  });

  it('share the name of the class, which standard decorators learn from a call', async () => {
    await service().stacked('7');
    const { declarations } = decoratedMethod(ground.fixture.Users.prototype.stacked)!;
    expect(declarations.map(({ method }) => method.label)).to.deep.equal(Array(3).fill('Users.stacked'));
  });

  it('keep name and length through both wrappers', () => {
    const { stacked } = ground.fixture.Users.prototype;
    expect([stacked.name, stacked.length]).to.deep.equal(['stacked', 1]);
  });
});
