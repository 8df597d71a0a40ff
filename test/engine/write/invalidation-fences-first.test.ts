import { expect } from 'chai';
import type { EngineContext } from '../../../src/engine/runtime/context';
import { Shapes } from '../../../src/engine/validity/pattern-shapes';
import { Invalidations } from '../../../src/engine/write/invalidation';
import { sharedRedis, useNodes } from '../../support/nodes';

describe('an invalidation', () => {
  const nodes = useNodes();

  it('P21: drops and fences its key before the command is sent and again after its reply', async () => {
    const steps: string[] = [];
    const invalidation = new Invalidations({
      patterns: { known: () => new Shapes([]), lastResort: new Shapes([]) },
      l1: { drop: () => steps.push('drop') },
      outbox: { accepted: () => {} },
      fences: { void: () => steps.push('fence') },
      l2: {
        invalidate: async () => {
          steps.push('sent');
          await new Promise((resolve) => setImmediate(resolve));
          steps.push('answered');
          return { result: 'done', sentAt: 1 };
        },
      },
    } as unknown as EngineContext);
    expect(await invalidation.deliver(['k'])).to.deep.equal({ acknowledged: true });
    expect(steps).to.deep.equal(['drop', 'fence', 'sent', 'answered', 'drop', 'fence']);
  });

  it('P21: is in force in its own process as soon as it is called', async () => {
    const cache = await nodes.node(await sharedRedis());
    await cache.set('k', 'row');
    const deleting = cache.delete('k');
    expect(cache.peek('k')).to.equal(undefined);
    await deleting;
  });

  it('of no key at all is acknowledged', async () => {
    const cache = await nodes.node(undefined);
    expect(await cache.delete()).to.deep.equal({ acknowledged: true });
  });
});
