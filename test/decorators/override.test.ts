import { expect } from 'chai';
import sinon from 'sinon';
import { inBothModes } from './both-modes';

inBothModes<typeof import('./fixtures/overriding')>(
  'P19: an override',
  'fixtures/overriding.ts',
  (ground) => {
    afterEach(() => sinon.restore());

    it('that calls its decorated super method for the same key does not wait for itself', async () => {
      const { Middle } = ground.fixture;
      const service = new Middle();
      expect(await service.stats('1')).to.deep.equal(['base 1', 'middle']);
      expect(service.runs).to.deep.equal(['Middle', 'Base']);
      expect(ground.cache.engine.log).to.deep.equal(['load stats:1']);
    });

    it('does not find its own stored value through super when it reloads', async () => {
      const { Middle } = ground.fixture;
      ground.cache.engine.store('stats:unusual', ['stored by the override']);
      expect(await new Middle().stats('unusual')).to.deep.equal(['base unusual', 'middle']);
    });

    it('is found when it stands between the class of the instance and the method called', async () => {
      const { Outer } = ground.fixture;
      const service = new Outer();
      expect(await service.stats('1')).to.deep.equal(['base 1', 'middle', 'outer']);
      expect(ground.cache.engine.log).to.deep.equal(['load outer:1', 'load stats:1']);
    });

    it('with a key of its own leaves the super method its cache', async () => {
      const { Middle } = ground.fixture;
      await new Middle().report('1');
      expect(Object.keys(ground.cache.engine.content)).to.have.members(['base-report:1', 'middle-report:1']);
    });

    it('without a decorator leaves the super method its cache', async () => {
      const { Plain } = ground.fixture;
      const service = new Plain();
      await service.stats('1');
      expect(await service.stats('1')).to.deep.equal(['plain', 'base 1']);
      expect(service.runs).to.deep.equal(['Base']);
    });

    it('whose key these arguments do not fill leaves the super method its cache', async () => {
      const { OtherParameters } = ground.fixture;
      const service = new OtherParameters();
      await service.reportOfBase('1');
      await service.reportOfBase('1');
      expect(service.runs).to.deep.equal(['Base']);
    });

    it('that puts the key of its super method puts it alone', async () => {
      const { Middle } = ground.fixture;
      await new Middle().update('1');
      expect(ground.cache.engine.log).to.deep.equal(['put stats:1']);
      expect(ground.cache.engine.content).to.deep.equal({ 'stats:1': 'middle updated 1' });
    });

    it('of a static method does not wait for itself', async () => {
      expect(await ground.fixture.Middle.find('1')).to.equal('middle found 1');
      expect(await ground.fixture.Base.find('2')).to.equal('found 2');
      expect(ground.cache.engine.log).to.deep.equal(['load static:1', 'load static:2']);
    });

    it('does not concern instances of the base class', async () => {
      const { Base } = ground.fixture;
      const service = new Base();
      await service.stats('1');
      await service.stats('1');
      expect(service.runs).to.deep.equal(['Base']);
    });

    it('with a cache of its own leaves the super method its cache', async () => {
      const { Elsewhere, elsewhere } = ground.fixture;
      await new Elsewhere().stats('1');
      expect(ground.cache.engine.content).to.deep.equal({ 'stats:1': ['base 1'] });
      expect(elsewhere.engine.content).to.deep.equal({ 'stats:1': ['base 1', 'elsewhere'] });
    });

    // Standard decorators do not tell the class of a method; there the engine ends such a wait.
    if (ground.mode === 'legacy') {
      it('does not wait for itself if a foreign wrapper hides one of the two', async () => {
        const { HiddenOver, OverHidden } = ground.fixture;
        // Standard decorators do not tell; there the engine ends such a wait.
        if (ground.mode === 'standard') return;
        expect(await new OverHidden().read('1')).to.equal('over 1');
        expect(await new HiddenOver().stats('1')).to.deep.equal(['base 1', 'hidden']);
      });
    }

    it('that a foreign wrapper hides is itself cached', async () => {
      const hidden = new ground.fixture.Hidden();
      await hidden.read('2');
      await hidden.read('2');
      expect(hidden.runs).to.deep.equal(['Hidden']);
    });

    it('under a stub that calls through is still cached, whatever its base class declares', async () => {
      const { Independent } = ground.fixture;
      const wrapped = Independent.prototype.stats;
      sinon.stub(Independent.prototype, 'stats').callsFake(function (this: typeof service, id) {
        return wrapped.call(this, id);
      });
      const service = new Independent();
      await service.stats('1');
      await service.stats('1');
      expect(service.runs).to.deep.equal(['Independent']);
    });
  },
);
