/** What earlier runs have left on a real broker is looked for; what is published later is not sent to whoever only looked. */
import { connectAsync } from 'mqtt';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fastClock } from '../support/clock.js';
import { Mosquitto } from '../support/mosquitto.js';
import { publisher, subscriber } from '../support/publisher.js';

const PATIENCE = { timeout: 20_000, interval: 20 };

test('a search finds what is retained, ends, and begins anew on the next connection', async () => {
  const server = await Mosquitto.start();
  onTestFinished(() => server.dispose());
  await using other = await publisher(server.url, { clientId: 'other' });
  other.broker.retain('left/one', '1');
  await using searching = await publisher(server.url, {}, fastClock(50));
  const { broker } = searching;
  let found: string[] = [];
  broker.search('left/+', (topic) => void found.push(topic));
  await vi.waitFor(() => expect(found).toEqual(['left/one']), PATIENCE);
  await vi.waitFor(() => expect(server.log).toMatch(/Received UNSUBSCRIBE from publisher/), PATIENCE);

  await using seen = await subscriber(server.url);
  other.broker.retain('left/two', '2');
  await vi.waitFor(() => expect(seen.newest.has('left/two')).toBe(true), PATIENCE);
  broker.event('after', {});
  await vi.waitFor(() => expect(seen.newest.has('after')).toBe(true), PATIENCE);
  expect(found).toEqual(['left/one']);

  found = [];
  // Who has the same client identifier takes the connection over.
  const thief = await connectAsync(server.url, { clientId: 'publisher' });
  await thief.endAsync(true);
  await vi.waitFor(() => expect(found).toEqual(expect.arrayContaining(['left/one', 'left/two'])), PATIENCE);
});
