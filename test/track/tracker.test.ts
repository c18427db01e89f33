/** Who is who from frame to frame. */
import { expect, test } from 'vitest';
import type { Detection } from '../../src/detect/detection.js';
import type { Appearance } from '../../src/track/appearance.js';
import { TrackIds } from '../../src/track/ids.js';
import type { TrackerUpdate } from '../../src/track/tracker.js';
import { carAt, detection, dressedIn, follow, personAt, THRESHOLD } from '../support/detections.js';
import { seededRandom } from '../support/random.js';

const ids = ({ tracks }: TrackerUpdate) => tracks.map((track) => track?.id);

test.each([25, 10, 5, 2])('two who pass each other at %i frames a second keep their ids', (fps) => {
  const { frame } = follow();
  // Each walks one and a half of his own widths a second, the nearer one in front for a while.
  const seen = new Map<string, Set<number>>();
  for (let at = 0; at <= 8000; at += 1000 / fps) {
    const people: [number, Detection][] = [
      [1, personAt(100 + 0.06 * at, 200)],
      [2, personAt(580 - 0.06 * at, 215)],
    ];
    const behind = Math.abs(480 - 0.12 * at) < 30;
    const visible = behind ? people.slice(1) : people;
    const { tracks } = frame(at, ...visible.map(([, person]) => person));
    for (const [index, track] of tracks.entries()) {
      const id = track?.id as string;
      seen.set(id, (seen.get(id) ?? new Set()).add(visible[index]?.[0] as number));
    }
  }
  expect([...seen.values()].map((who) => [...who])).toEqual([[1], [2]]);
});

test('a detection below the threshold keeps a track alive and begins none', () => {
  const { frame, tracker } = follow();
  expect(ids(frame(0, personAt(100, 200, 0.2)))).toEqual([undefined]);
  for (let at = 200; at <= 800; at += 200) frame(at, personAt(100));
  const [{ id } = { id: '' }] = tracker.tracks;
  // Half hidden for longer than the memory of what is out of sight.
  for (let at = 1000; at <= 5000; at += 200) expect(ids(frame(at, personAt(100, 200, 0.2)))).toEqual([id]);
  expect(ids(frame(5200, personAt(100)))).toEqual([id]);
});

test('who was just missed is found again by a weak detection, exactly in his place alone', () => {
  const weak = (missed: number, x: number) => {
    const { frame, tracker } = follow();
    for (let at = 0; at <= 1000; at += 200) frame(at, personAt(100));
    const [{ id } = { id: '' }] = tracker.tracks;
    for (let at = 1200; at < 1200 + missed; at += 200) frame(at);
    const [found] = ids(frame(1200 + missed, personAt(x, 200, 0.2)));
    return found === undefined ? undefined : found === id;
  };
  expect(weak(400, 104)).toBe(true);
  expect(weak(400, 125)).toBeUndefined();
  expect(weak(1400, 100)).toBeUndefined();
});

test('a weak detection does not take a track from a good one', () => {
  const { frame, tracker } = follow();
  for (let at = 0; at <= 800; at += 200) frame(at, personAt(100));
  const [{ id } = { id: '' }] = tracker.tracks;
  expect(ids(frame(1000, personAt(100, 200, 0.25), personAt(104)))).toEqual([undefined, id]);
});

test('classes are not mixed: a bicycle under its rider is another object', () => {
  const { frame } = follow();
  for (let at = 0; at <= 800; at += 200) {
    const x = 100 + 0.05 * at;
    const rider = detection('person', [x, 100, x + 60, 200]);
    const bicycle = detection('bicycle', [x, 110, x + 60, 205]);
    const [a, b] = at % 400 ? [rider, bicycle] : [bicycle, rider];
    const { tracks } = frame(at, a, b);
    for (const [index, found] of [a, b].entries()) expect(tracks[index]?.label).toBe(found.label);
  }
});

test('what comes to be where something of another class was is another object', () => {
  const { frame } = follow();
  const box = [100, 100, 160, 200] as const;
  for (let at = 0; at <= 800; at += 200) frame(at, detection('person', [...box]));
  const [person] = ids(frame(1000, detection('person', [...box])));
  expect(ids(frame(1200, detection('bicycle', [...box])))).not.toEqual([person]);
  expect(ids(frame(1400, detection('person', [...box])))).toEqual([person]);
});

test('believed after three sightings over a quarter of a second, at any frame rate', () => {
  for (const [fps, frames] of [
    [25, 8],
    [10, 4],
    [5, 3],
    [2, 3],
    [0.5, 3],
  ] as const) {
    const { frame } = follow();
    const confirmed: (boolean | undefined)[] = [];
    for (let index = 0; index < frames; index++) {
      const [track] = frame((index * 1000) / fps, personAt(100)).tracks;
      confirmed.push(track?.confirmed);
    }
    expect(confirmed, `${fps} frames a second`).toEqual([...new Array(frames - 1).fill(false), true]);
  }
});

test('what is seen just above the threshold is never believed, and one clear sighting does not help it', () => {
  const { frame, tracker } = follow();
  // A post that looks a little like a person, for a minute.
  for (let index = 0; index < 300; index++) {
    frame(index * 200, personAt(100, 200, index === 100 ? 0.6 : 0.33));
    expect(tracker.tracks.some(({ confirmed }) => confirmed)).toBe(false);
  }
  // Somebody far away who comes nearer is believed as soon as he is seen clearly.
  for (const [index, score] of [0.33, 0.35, 0.4, 0.6, 0.7, 0.7].entries()) {
    frame(100_000 + index * 200, personAt(400, 200, score));
  }
  expect(tracker.tracks.filter(({ confirmed }) => confirmed)).toHaveLength(1);
});

test('what flickers is never believed', () => {
  const { frame, tracker } = follow();
  // In one frame of three, for a minute.
  for (let index = 0; index < 300; index++) {
    frame(index * 200, ...(index % 3 === 0 ? [personAt(100)] : []));
    expect(tracker.tracks.some(({ confirmed }) => confirmed)).toBe(false);
  }
});

test('who walks and is out of sight for two seconds is the same person, for five another', () => {
  const walker = (at: number) => personAt(100 + 0.06 * at);
  for (const [seconds, same] of [
    [2, true],
    [5, false],
  ] as const) {
    const { frame } = follow();
    for (let at = 0; at < 2000; at += 200) frame(at, walker(at));
    const [before] = ids(frame(2000, walker(2000)));
    let at = 2200;
    for (; at < 2000 + seconds * 1000; at += 200) frame(at);
    const [after] = ids(frame(at, walker(at)));
    expect(after === before, `${seconds} s`).toBe(same);
  }
});

test('a gap in the stream: who walked is another one afterwards, what stood still is the same', () => {
  const { frame, tracker } = follow();
  for (let at = 0; at <= 20_000; at += 200) frame(at, carAt(400), personAt(100 + 0.02 * at));
  const [car, person] = ids(frame(20_200, carAt(400), personAt(504)));
  // Nor is it forgotten when it is not seen at once.
  const { tracks, removed } = frame(3_600_000, personAt(510));
  expect(tracks[0]?.id).not.toBe(person);
  expect(removed.map(({ id }) => id)).toEqual([person]);
  expect(ids(frame(3_600_200, carAt(402), personAt(510)))).toEqual([car, tracks[0]?.id]);
  expect(tracker.tracks).toHaveLength(2);
});

test('without frames the time alone ends what walked', () => {
  const { frame, tracker } = follow();
  for (let at = 0; at <= 1000; at += 200) frame(at, personAt(100 + 0.06 * at));
  expect(tracker.expire(3000)).toEqual([]);
  expect(tracker.expire(6000)).toHaveLength(1);
  expect(tracker.tracks).toEqual([]);
});

test('a clock that is set forward is a gap', () => {
  const { frame } = follow();
  for (let at = 0; at <= 20_000; at += 200) frame(at, carAt(400));
  const [car] = ids(frame(20_200, carAt(400)));
  expect(ids(frame(1_800_000_000_000, carAt(400)))).toEqual([car]);
});

test('two frames of the same millisecond: what is missing in the second is not seen', () => {
  const { frame, tracker } = follow();
  frame(0, personAt(100));
  frame(0);
  expect(tracker.tracks.map(({ visible }) => visible)).toEqual([false]);
});

test('a crowd beyond all measure is bounded, and what is given up is reported', () => {
  const { frame, tracker } = follow();
  const next = seededRandom(3);
  const alive = new Set<string>();
  for (let at = 0; at < 1200; at += 200) {
    const crowd = Array.from({ length: 300 }, () => personAt(10_000 * next(), 10_000 * next()));
    const { tracks, removed } = frame(at, ...crowd);
    // In this order, as the events do: what is both would stay for ever.
    for (const { id } of removed) alive.delete(id);
    for (const track of tracks) if (track !== undefined) alive.add(track.id);
    expect(tracker.tracks.length).toBeLessThanOrEqual(256);
    expect(alive).toEqual(new Set(tracker.tracks.map(({ id }) => id)));
  }
});

test('ids are never the same, within a run and across restarts', () => {
  const names = [1_790_000_000_000, 1_790_000_000_001].flatMap((startedAt) => {
    const ofOneRun = new TrackIds(startedAt);
    return Array.from({ length: 10_000 }, () => ofOneRun.next());
  });
  expect(new Set(names).size).toBe(20_000);
});

const LIGHT = dressedIn(200, 150, 110);
const DARK = dressedIn(60, 112, 140);

/** A tracker that is told what each detection looks like. */
function followByLooks() {
  const { tracker } = follow();
  return (at: number, ...found: (readonly [Detection, Appearance | undefined])[]) => {
    const looks = new Map(found);
    const detections = found.map(([one]) => one);
    return ids(tracker.update(detections, () => THRESHOLD, at, { appearanceOf: (one) => looks.get(one) }));
  };
}

/** Two walk towards each other, are one box for a second, and go back the way that they came; their ids before and after. */
function meeting(light: Appearance | undefined, dark: Appearance | undefined) {
  const frame = followByLooks();
  let before: (string | undefined)[] = [];
  for (let at = 0; at <= 1800; at += 200) {
    before = frame(at, [personAt(200 + 0.05 * at), light], [personAt(400 - 0.05 * at), dark]);
  }
  for (let at = 2000; at <= 3000; at += 200) frame(at, [detection('person', [275, 118, 325, 202]), dark]);
  let after: (string | undefined)[] = [];
  for (let at = 3200; at <= 4200; at += 200) {
    after = frame(at, [personAt(450 - 0.05 * at), light], [personAt(150 + 0.05 * at), dark]);
  }
  return { before, after };
}

test('two who are one box for a while and turn back are told apart by what they look like', () => {
  const { before, after } = meeting(LIGHT, DARK);
  expect(after).toEqual(before);
});

test('… and by their ways alone where nothing is known of their looks', () => {
  const { before, after } = meeting(undefined, undefined);
  expect(after).not.toEqual(before);
});

test('who stops out of sight is found again where he was seen last; who looks different there is somebody new', () => {
  const reappears = (as: Appearance | undefined) => {
    const frame = followByLooks();
    let id: string | undefined;
    for (let at = 0; at <= 1600; at += 200) [id] = frame(at, [personAt(100 + 0.06 * at), LIGHT]);
    for (let at = 1800; at <= 3000; at += 200) frame(at);
    const [found] = frame(3200, [personAt(200), as]);
    return found === id;
  };
  expect(reappears(LIGHT)).toBe(true);
  expect(reappears(DARK)).toBe(false);
});

test('who comes in where somebody like him has just left the picture is somebody new', () => {
  const { tracker } = follow();
  const frame = (at: number, ...found: Detection[]) =>
    ids(
      tracker.update(found, () => THRESHOLD, at, {
        appearanceOf: () => DARK,
        picture: { width: 300, height: 300 },
      }),
    );
  let left: string | undefined;
  for (let at = 0; at <= 1600; at += 200) [left] = frame(at, personAt(82 + 0.12 * at));
  for (let at = 1800; at <= 2600; at += 200) frame(at);
  expect(frame(2800, personAt(280))).not.toEqual([left]);
});

test('farther from his place it must look like him to be him', () => {
  const follows = (as: Appearance) => {
    const frame = followByLooks();
    let id: string | undefined;
    for (let at = 0; at <= 1000; at += 200) [id] = frame(at, [personAt(100), LIGHT]);
    return frame(1200, [personAt(128), as])[0] === id;
  };
  expect(follows(LIGHT)).toBe(true);
  expect(follows(DARK)).toBe(false);
});

test('light and shade make nobody of who stays in his place', () => {
  const frame = followByLooks();
  let id: string | undefined;
  for (let at = 0; at <= 1000; at += 200) [id] = frame(at, [personAt(100), LIGHT]);
  expect(frame(1200, [personAt(102), DARK])).toEqual([id]);
});

test('of two who are close to each other each is where he looks like himself', () => {
  const frame = followByLooks();
  let before: (string | undefined)[] = [];
  for (let at = 0; at <= 1000; at += 200) before = frame(at, [personAt(96), LIGHT], [personAt(124), DARK]);
  expect(frame(1200, [personAt(114), LIGHT], [personAt(106), DARK])).toEqual(before);
});

test('a box that shows two says nothing of what one of them looks like', () => {
  const frame = followByLooks();
  let light: string | undefined;
  for (let at = 0; at <= 1000; at += 200) [light] = frame(at, [personAt(100), LIGHT]);
  // Somebody stands in front of him, and his box shows the other one's coat.
  let dark: string | undefined;
  for (let at = 1200; at <= 6000; at += 200)
    [, dark] = frame(at, [personAt(100), DARK], [personAt(112, 215), DARK]);
  expect(frame(6200, [personAt(84), DARK], [personAt(116), LIGHT])).toEqual([dark, light]);
});
