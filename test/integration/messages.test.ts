/** Every message that the daemon publishes is what docs/schemas says: real footage, a real broker, from start to stop. */
import sharp from 'sharp';
import { expect, test, vi } from 'vitest';
import { Board } from '../support/board.js';
import { pedestrians } from '../support/footage.js';
import { mistakesIn, PAYLOAD_NAMES, payloadOf } from '../support/schemas.js';

/** One health message is due after ten seconds; a busy machine takes its time. */
const PATIENCE = { timeout: 90_000, interval: 100 };

test('every message from start to stop, and one of every kind', async () => {
  const clip = await pedestrians();
  const board = await Board.start();
  const messages: { topic: string; payload: Buffer }[] = [];
  const { client } = await board.subscribe('ghostcam/#', (topic, payload) =>
    messages.push({ topic, payload }),
  );
  const daemon = board.daemon({
    CAMERAS: 'yard,off',
    CAMERA_URL: clip,
    CAMERA_OFF_ENABLED: 'false',
    CAMERA_YARD_ZONES: 'path (person): 0,0.2 1,0.2 1,1 0,1; all: 0,0 1,0 1,1 0,1',
  });
  try {
    const published = (name: string) => messages.filter(({ topic }) => payloadOf(topic) === name);
    const events = () => published('event').map(({ payload }) => JSON.parse(payload.toString()));
    const seen = () => new Set(messages.map(({ topic }) => payloadOf(topic)));
    const kinds = () => new Set(events().map(({ type, reason = '' }) => `${type} ${reason}`.trim()));
    await vi.waitFor(() => expect([...seen()]).toEqual(expect.arrayContaining(PAYLOAD_NAMES)), PATIENCE);
    await vi.waitFor(() => expect([...kinds()]).toEqual(expect.arrayContaining(['new', 'end'])), PATIENCE);
    for (const [setting, value] of [
      ['threshold', '0.25'],
      ['fps', '2'],
      ['detect', 'OFF'],
    ]) {
      await client.publishAsync(`ghostcam/board/yard/${setting}/set`, value as string);
    }
    await vi.waitFor(() => expect(published('detect').at(-1)?.payload.toString()).toBe('OFF'), PATIENCE);
    await daemon.stop('SIGTERM');
    await vi.waitFor(
      () => expect(published('node-state').at(-1)?.payload.toString()).toBe('offline'),
      PATIENCE,
    );

    const mistakes: string[] = [];
    for (const { topic, payload } of messages) {
      const name = payloadOf(topic);
      if (name !== undefined) {
        const mistake = mistakesIn(name, payload.toString());
        if (mistake !== undefined) mistakes.push(mistake);
      } else if (topic.endsWith('/snapshot')) {
        expect((await sharp(payload).metadata()).format).toBe('jpeg');
      } else if (!topic.endsWith('/set')) {
        mistakes.push(`no schema for ${topic}`);
      }
    }
    expect(mistakes.slice(0, 5)).toEqual([]);

    // Each event has one beginning and one end, and its picture is where it says.
    const idsOf = (type: string) =>
      events()
        .filter((event) => event.type === type)
        .map(({ id }) => id);
    expect(idsOf('new').length).toBeGreaterThan(0);
    expect(idsOf('end').sort()).toEqual(idsOf('new').sort());
    const topics = new Set(messages.map(({ topic }) => topic));
    for (const { snapshot, label } of events()) {
      expect(snapshot).toBe(`ghostcam/board/yard/${label}/snapshot`);
      expect(topics).toContain(snapshot);
    }
  } finally {
    await board.dispose();
  }
}, 240_000);
