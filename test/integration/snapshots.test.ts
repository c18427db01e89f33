/** From footage to the picture of its event: the daemon, a real broker, and the detector that looks at what was published. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Board } from '../support/board.js';
import { clipOfStill } from '../support/footage.js';
import { ghostcam } from '../support/ghostcam.js';

const SOON = { timeout: 30_000, interval: 50 };
let board: Board;
beforeEach(async () => {
  board = await Board.start();
});
afterEach(() => board.dispose());

async function subscribe() {
  const pictures = new Map<string, { jpeg: Buffer; event: unknown }>();
  const events: Record<string, unknown>[] = [];
  await board.subscribe(
    ['ghostcam/+/+/events', 'ghostcam/+/+/+/snapshot'],
    (topic, payload, { properties }) => {
      if (topic.endsWith('/events')) events.push(JSON.parse(payload.toString()));
      else if (payload.length > 0)
        pictures.set(topic, { jpeg: payload, event: properties?.userProperties?.event });
    },
    { protocolVersion: 5 },
  );
  return { pictures, events };
}

/** What `ghostcam detect` finds in a picture, the best first. */
async function look(jpeg: Buffer) {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-snapshot-'));
  try {
    await writeFile(join(folder, 'snapshot.jpg'), jpeg);
    const { stdout } = await ghostcam(['detect', '--json', folder]);
    return JSON.parse(stdout).detections as { label: string; box: number[] }[];
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a person comes, and the picture of the event shows him: whole, and cropped without the rest', async () => {
  const clip = await clipOfStill('test/fixtures/photos/camera.png', { width: 1080, height: 1080 });
  const live = await subscribe();
  const daemon = board.daemon({
    CAMERAS: 'front,door',
    CAMERA_URL: clip,
    CAMERA_LABELS: 'person',
    CAMERA_SNAPSHOT_DRAW: 'none',
    CAMERA_DOOR_SNAPSHOT_CROP: 'true',
    CAMERA_DOOR_FRAME_HEIGHT: '480',
    CAMERA_DOOR_SNAPSHOT_MAX_KB: '20',
  });
  const topics = ['front', 'door'].map((camera) => `ghostcam/board/${camera}/person/snapshot`);
  await vi.waitFor(() => expect([...live.pictures.keys()].sort()).toEqual([...topics].sort()), SOON);
  for (const topic of topics) {
    const { jpeg, event } = live.pictures.get(topic) as { jpeg: Buffer; event: unknown };
    expect(live.events.find(({ id }) => id === event)).toMatchObject({ type: 'new', snapshot: topic });
    const [best] = await look(jpeg);
    expect(best?.label).toBe('person');
  }
  const sizes = await Promise.all(
    topics.map(async (topic) => sharp(live.pictures.get(topic)?.jpeg).metadata()),
  );
  expect(sizes[0]).toMatchObject({ format: 'jpeg', width: 720, height: 720 });
  expect(sizes[1]?.height).toBeLessThanOrEqual(480);
  expect(live.pictures.get(topics[1] ?? '')?.jpeg.length).toBeLessThanOrEqual(20_000);
  expect(await daemon.stop('SIGTERM')).toEqual({ code: 0, signal: null });

  // Still there for whoever comes later, and gone when it is no longer wanted.
  const late = await subscribe();
  await vi.waitFor(() => expect(late.pictures.size).toBe(2), SOON);
  board.daemon({
    CAMERAS: 'front,door',
    CAMERA_URL: clip,
    CAMERA_FRONT_SNAPSHOT: 'false',
  });
  await vi.waitFor(
    () => expect(late.events.some(({ type, camera }) => type === 'new' && camera === 'front')).toBe(true),
    SOON,
  );
  expect(late.events.find(({ camera }) => camera === 'front')).not.toHaveProperty('snapshot');
  const last = await subscribe();
  await vi.waitFor(() => expect([...last.pictures.keys()]).toEqual([topics[1]]), SOON);
}, 90_000);
