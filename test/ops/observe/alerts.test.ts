import { expect } from 'chai';
import { Alerts, type Reading } from '../../../src/ops/observe/alerts';

function reading(verdict: Reading['verdict'], more: Partial<Reading> = {}): Reading {
  return { type: 'hit-rate', subject: 'overall', value: 1, threshold: 2, message: verdict, verdict, ...more };
}

describe('alerts', () => {
  let alerts: Alerts;
  let at: number;

  beforeEach(() => {
    alerts = new Alerts();
    at = 0;
  });

  /** The states that the evaluations lead to, one entry per evaluation. */
  function states(...verdicts: Reading['verdict'][]): string[] {
    return verdicts.map((verdict) => {
      at += 1;
      return alerts
        .evaluate([reading(verdict)], at)
        .map(({ state }) => state)
        .join();
    });
  }

  it('are not raised while all is good', () => {
    expect(states('good', 'unclear', 'good')).to.deep.equal(['', '', '']);
    expect(alerts.raised).to.deep.equal([]);
  });

  it('are raised once by a bad reading, and told no second time while it stays bad', () => {
    expect(states('bad', 'bad', 'bad')).to.deep.equal(['raised', '', '']);
    expect(alerts.raised).to.have.length(1);
  });

  it('are cleared by two good readings in a row, not by one', () => {
    expect(states('bad', 'good', 'good', 'good')).to.deep.equal(['raised', '', 'cleared', '']);
    expect(alerts.raised).to.deep.equal([]);
  });

  it('do not flap: a value that goes to and fro stays raised, and one between threshold and margin changes nothing', () => {
    expect(states('bad', 'good', 'bad', 'good', 'unclear', 'good', 'unclear')).to.deep.equal([
      'raised',
      ...Array<string>(6).fill(''),
    ]);
    expect(alerts.raised).to.have.length(1);
  });

  it('wait for as many bad readings in a row as the reading asks for', () => {
    const evaluate = (verdict: Reading['verdict']) =>
      alerts.evaluate([reading(verdict, { raisedBy: 2 })], 1).length;
    expect([evaluate('bad'), evaluate('good'), evaluate('bad'), evaluate('bad')]).to.deep.equal([0, 0, 0, 1]);
  });

  it('keep the time at which they were raised, and show the value of the last evaluation', () => {
    alerts.evaluate([reading('bad', { value: 10 })], 5);
    alerts.evaluate([reading('bad', { value: 7 })], 6);
    expect(alerts.raised).to.deep.equal([
      {
        type: 'hit-rate',
        subject: 'overall',
        state: 'raised',
        severity: 'critical',
        clearing: false,
        value: 7,
        threshold: 2,
        message: 'bad',
        at: 5,
      },
    ]);
  });

  it('say that they are clearing, and keep what the last bad reading said: a good reading does not speak for a raised alert', () => {
    alerts.evaluate([reading('bad', { value: 10, message: 'too many' })], 1);
    alerts.evaluate([reading('good', { value: 1, message: 'all is well' })], 2);
    expect(alerts.raised[0]).to.include({
      state: 'raised',
      clearing: true,
      value: 10,
      message: 'Clearing, was: too many',
    });
    alerts.evaluate([reading('bad', { value: 11, message: 'too many again' })], 3);
    expect(alerts.raised[0], 'control').to.include({ clearing: false, message: 'too many again' });
    alerts.evaluate([reading('unclear')], 4);
    alerts.evaluate([reading('good')], 5);
    const [cleared] = alerts.evaluate([reading('good', { value: 2 })], 6);
    expect(cleared).to.include({ state: 'cleared', value: 2, message: 'Cleared, was: too many again' });
  });

  it('are listed with the cause before its symptoms, whichever was raised first', () => {
    const bad = (type: Reading['type']) => reading('bad', { type });
    alerts.evaluate([bad('memory'), bad('hit-rate')], 1);
    alerts.evaluate([bad('memory'), bad('hit-rate'), bad('l2-down')], 2);
    expect(alerts.raised.map(({ type, severity }) => [type, severity])).to.deep.equal([
      ['l2-down', 'critical'],
      ['hit-rate', 'critical'],
      ['memory', 'warning'],
    ]);
  });

  it('stand for each subject by itself', () => {
    const ofMemory = (subject: string, verdict: Reading['verdict']) =>
      reading(verdict, { type: 'memory', subject });
    alerts.evaluate([ofMemory('heap', 'bad'), ofMemory('redis', 'good')], 1);
    const changes = alerts.evaluate([ofMemory('heap', 'bad'), ofMemory('redis', 'bad')], 2);
    expect(changes.map(({ subject, state }) => [subject, state])).to.deep.equal([['redis', 'raised']]);
    expect(alerts.raised.map(({ subject }) => subject)).to.deep.equal(['heap', 'redis']);
  });

  it('are cleared when there is nothing left to judge', () => {
    alerts.evaluate([reading('bad')], 1);
    expect(alerts.evaluate([], 2)).to.have.nested.property('[0].state', 'cleared');
    expect(alerts.raised).to.deep.equal([]);
    expect(alerts.evaluate([], 3)).to.deep.equal([]);
  });
});
