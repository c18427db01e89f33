/** The arithmetic of the soak, and a soak of some seconds. */
import { connectAsync } from 'mqtt';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Mosquitto } from '../support/mosquitto.js';
import { listenForEvents } from '../support/published-events.js';
import type { ProcessSample } from './process.js';
import { soak } from './soak.js';
import {
  eventChecks,
  floors,
  growthChecks,
  growthPerHour,
  isGrowing,
  type SaidEvent,
  settled,
} from './verdict.js';

/** A sample each ten seconds of an hour. */
function hour(change: (seconds: number) => Partial<ProcessSample>): ProcessSample[] {
  return Array.from({ length: 361 }, (_, index) => ({
    ...{ seconds: 10 * index, rss: 100, anonymous: 90, descriptors: 30, threads: 20, children: 2 },
    ...change(10 * index),
  }));
}

const failing = (samples: ProcessSample[], seconds = 3600) =>
  growthChecks(samples, seconds)
    .filter(({ verdict }) => verdict === 'failed')
    .map(({ name }) => name);

test('growth is the slope of least squares, per hour', () => {
  const line = [0, 10, 20].map((seconds) => ({ seconds, value: 5 + seconds / 10 }));
  expect(growthPerHour(line)).toBeCloseTo(360);
  // Sums by hand: the mean is (10, 2), the products 10 * 1 + 0 + 10 * 2 = 30, the squares 200.
  const bent = [1, 1, 4].map((value, index) => ({ seconds: 10 * index, value }));
  expect(growthPerHour(bent)).toBeCloseTo((3600 * 30) / 200);
});

test('the first fifth is left out, and never more than 20 minutes', () => {
  expect(
    settled(
      hour(() => ({})),
      3600,
    )[0]?.seconds,
  ).toBe(720);
  expect(
    settled(
      hour(() => ({})),
      8 * 3600,
    )[0]?.seconds,
  ).toBe(1200);
});

test('of memory the least value of each five minutes counts', () => {
  const garbage = hour((seconds) => ({ rss: 100 + (seconds % 300) / 10 + (seconds > 3000 ? 40 : 0) }));
  expect(failing(garbage.slice(0, 300))).toEqual([]);
  expect(failing(garbage)).toEqual(['rss']);
  const points = [
    { seconds: 0, value: 7 },
    { seconds: 290, value: 5 },
    { seconds: 300, value: 9 },
    { seconds: 310, value: 10 },
  ];
  expect(floors(points)).toEqual([points[1], points[2]]);
});

test('a count grows when it stays up, not when it dips or peaks', () => {
  expect(isGrowing([5, 5, 5, 5, 5, 6, 6, 6, 6])).toBe(true);
  expect(isGrowing([5, 4, 5, 5, 9, 5, 5, 5, 5])).toBe(false);
  expect(isGrowing([5, 5, 5, 5, 5, 5, 5, 7, 5])).toBe(false);
});

test('memory is judged in an hour alone, counts with nine samples', () => {
  const memory = hour((seconds) => ({ rss: 100 + seconds / 1800 }));
  expect(failing(memory)).toEqual(['rss']);
  expect(failing(memory, 3599)).toEqual([]);
  expect(failing(hour((seconds) => ({ anonymous: 90 + seconds / 4000 })))).toEqual([]);
  expect(
    failing(
      hour((seconds) => ({ descriptors: 30 + Math.floor(seconds / 600) })),
      600,
    ),
  ).toEqual(['descriptors']);
  const few = hour((seconds) => ({ threads: seconds < 3500 ? 18 : 20 })).slice(-24);
  expect([failing(few, 600), failing(few.slice(9, 17), 600)]).toEqual([['threads'], []]);
  expect(failing(hour((seconds) => ({ children: seconds % 600 === 0 ? 1 : 2 })))).toEqual([]);
});

test('an event that is lost or broken, or heard again oftener than the broker was killed', () => {
  const life = (id: string): SaidEvent[] =>
    (['new', 'update', 'end'] as const).map((type) => ({ type, id, label: 'person' }));
  const said = [...life('a'), ...life('b')];
  const verdicts = (heard: SaidEvent[], kills = 0) =>
    eventChecks(said, heard, kills).map(({ verdict }) => verdict);
  expect(verdicts(said)).toEqual(['passed', 'passed']);
  expect(verdicts(said.slice(0, -1), 1)).toEqual(['failed', 'failed']);
  expect(verdicts(said.filter(({ type, id }) => type !== 'update' || id !== 'a'))).toEqual([
    'failed',
    'passed',
  ]);
  const again = [...said, ...life('b').slice(2)];
  expect([verdicts(again), verdicts(again, 1)]).toEqual([
    ['failed', 'passed'],
    ['passed', 'passed'],
  ]);
  expect(verdicts([...life('b'), ...again], 3)).toEqual(['failed', 'passed']);
  expect(verdicts([...said, ...life('c')], 9)).toEqual(['failed', 'passed']);
  const twice = [...life('a'), ...life('a').slice(2)];
  expect(eventChecks(twice, twice, 0).map(({ verdict }) => verdict)).toEqual(['passed', 'failed']);
  expect(eventChecks([], [], 0).map(({ verdict }) => verdict)).toEqual(['failed', 'passed']);
});

test('the listener hears of a broker that was started anew from when it says so', async () => {
  const broker = await Mosquitto.start();
  onTestFinished(() => broker.dispose());
  await using listener = await listenForEvents(broker.url, { reconnectPeriod: 1000 });
  await broker.kill();
  await broker.start();
  await listener.subscribed();
  const client = await connectAsync(broker.url);
  onTestFinished(() => client.endAsync(true));
  await client.publishAsync('ghostcam/board/front/events', '{"id":"a"}', { qos: 1 });
  await vi.waitFor(() => expect(listener.events).toEqual([{ id: 'a' }]), { timeout: 5000 });
});

test('half a minute, a fault of the broker and one of a camera', async () => {
  const { samples, faults, checks } = await soak({
    ...{ seconds: 30, sampleSeconds: 2, faultSeconds: 12, outageSeconds: 2 },
  });
  expect(faults).toBeGreaterThan(0);
  expect(samples.length).toBeGreaterThan(5);
  expect(samples.at(-1)?.rss).toBeGreaterThan(20);
  expect(checks.filter(({ name }) => ['events', 'lives', 'stop'].includes(name))).toEqual(
    ['events', 'lives', 'stop'].map((name) => expect.objectContaining({ name, verdict: 'passed' })),
  );
});
