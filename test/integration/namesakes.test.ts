/** Two daemons of one name that a broker lets both in, as their client identifiers differ. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Board } from '../support/board.js';

const SOON = { timeout: 60_000, interval: 50 };
const STATE = 'ghostcam/board/state';
const NAMED = /another daemon publishes on ghostcam\/board\/health.*set NODE_ID.*here it is ."?board/;

let board: Board;
beforeEach(async () => {
  board = await Board.start();
});
afterEach(() => board.dispose());

const start = (more: Record<string, string> = {}) =>
  board.daemon({ CAMERAS: 'front', CAMERA_URL: 'test:', ...more });

test.each(['5', '3.1.1'])('MQTT %s: both name the cause and the remedy, once', async (version) => {
  const both = ['one', 'two'].map((id) => start({ MQTT_CLIENT_ID: id, MQTT_VERSION: version }));
  for (const { output } of both.map((daemon) => ({ output: () => daemon.output })))
    await vi.waitFor(() => expect(output()).toMatch(NAMED), SOON);
  let healths = 0;
  await board.subscribe('ghostcam/board/health', () => healths++);
  await vi.waitFor(() => expect(healths).toBeGreaterThan(2), SOON);
  for (const { output } of both) expect(output.split('another daemon publishes')).toHaveLength(2);
});

test('the end of one of them leaves the other online', async () => {
  const [stays, goes] = [start({ MQTT_CLIENT_ID: 'one' }), start({ MQTT_CLIENT_ID: 'two' })];
  const said: string[] = [];
  const states = await board.subscribe(STATE, (_, payload) => said.push(payload.toString()));
  // Each says it once it has a model, which can be a second after its connection: what stays is to have said it before.
  await vi.waitFor(() => expect(said).toEqual(['online', 'online']), SOON);
  said.length = 0;
  // Its last will says it.
  await goes.kill();
  await vi.waitFor(() => expect(said).toEqual(['offline', 'online']), SOON);
  // A line of the log can come later than the message that follows it.
  const line = /ghostcam\/board\/state said offline.*it says online again/;
  await vi.waitFor(() => expect(stays.output).toMatch(line), SOON);
  await stays.stop('SIGTERM');
  await vi.waitFor(() => expect(states.newest.get(STATE)).toBe('offline'), SOON);
});

test('a daemon alone hears itself and is silent', async () => {
  const { newest } = await board.subscribe();
  const daemon = start();
  const uptime = () => JSON.parse(newest.get('ghostcam/board/health') ?? '{}').uptimeS ?? 0;
  await vi.waitFor(() => expect(uptime()).toBeGreaterThan(19), SOON);
  expect(daemon.output).not.toMatch(/another daemon|said offline/);
});
