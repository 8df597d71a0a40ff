/**
 * A process with a channel. Arguments: transport, port, and whether to leave it alone (`leave`) or to hold the process
 * by a timer past the staleness bound (`stay`). In both cases it must end by itself.
 */
import { PubSubChannel } from '../../src/coherence/pubsub';
import { TrackingChannel } from '../../src/coherence/tracking';
import { BOUND_MS, Subject, subscriberClient } from './channel-fixture';

async function main([transport, port, mode]: readonly string[]): Promise<void> {
  const Channel = transport === 'tracking' ? TrackingChannel : PubSubChannel;
  const subject = new Subject(Channel, subscriberClient(Number(port)));
  await subject.channel.settled(5_000);
  console.log(subject.age < BOUND_MS ? 'trusted' : 'not trusted');
  if (mode === 'leave') return;
  setTimeout(
    () => console.log(subject.age < BOUND_MS ? 'trusted past the bound' : 'proofs ended'),
    2 * BOUND_MS,
  );
}

void main(process.argv.slice(2));
