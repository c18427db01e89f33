/**
 * Two minutes of vtest.avi over RTSP through the whole daemon, for each shipped model; then once more with a broker that is dead
 * for thirty seconds in between. Needs `npm run build`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { test } from 'vitest';
import { pedestrians } from '../../support/footage.js';
import { Daemon } from '../../support/ghostcam.js';
import { Mosquitto } from '../../support/mosquitto.js';
import { FOOTAGE, visits } from '../../support/pedestrians.js';
import { begun, brokenLives, listenForEvents, loggedEvents } from '../../support/published-events.js';
import { RtspServer } from '../../support/rtsp-server.js';

const SECONDS = 120;
const OUTAGE_S = 30;
const MODELS = ['yolov8n-ghostnetv2-320', 'yolov8n-ghostnetv2-448', 'yolov8n-ghostnetv2-640'];

/** How many people come in these frames of the clip, which is repeated; whoever is in it when it begins anew counts again. */
function visitsBetween(from: number, to: number): number {
  let count = 0;
  for (let shift = 0; shift < to; shift += FOOTAGE.frames) {
    count += visits().filter(({ first, last }) => first + shift < to && last + shift >= from).length;
  }
  return count;
}

async function run(model: string, outage: boolean) {
  const broker = await Mosquitto.start();
  await using listener = await listenForEvents(broker.url);
  const { events } = listener;
  const fedAt = Date.now();
  const camera = await RtspServer.start({ clip: await pedestrians() });
  const viewer = await connectAsync(broker.url, { reconnectPeriod: 20 });
  const frames: number[] = [];
  viewer.on('message', () => frames.push(Date.now()));
  await viewer.subscribeAsync('ghostcam/+/+/detections');
  const daemon = new Daemon({
    CAMERAS: 'front',
    CAMERA_FRONT_URL: camera.url(),
    NODE_ID: 'board',
    MODEL: model,
    MQTT_URL: broker.url,
    LOG_LEVEL: 'debug',
  });
  while (frames.length === 0) await sleep(20);
  if (outage) {
    await sleep(20_000);
    await broker.kill();
    await sleep(OUTAGE_S * 1000);
    await broker.start();
  }
  const [first = 0] = frames;
  await sleep(first + SECONDS * 1000 - Date.now());
  await daemon.stop('SIGTERM');
  await sleep(500);
  await viewer.endAsync(true);
  await camera.stop();
  await broker.dispose();

  const made = loggedEvents(daemon.output).map(({ type, id }) => `${type} ${id}`);
  const same = JSON.stringify(made) === JSON.stringify(events.map(({ type, id }) => `${type} ${id}`));
  const from = ((first - fedAt) / 1000) * FOOTAGE.fps;
  return {
    events,
    made,
    same,
    fps: frames.length / SECONDS,
    people: visitsBetween(from, from + SECONDS * FOOTAGE.fps),
  };
}

test('two minutes over RTSP', async () => {
  console.log(
    `\n${SECONDS} s\n\n| model | frames a second | people | events of persons | per person | cars | others | broken lives |`,
  );
  console.log('| --- | --: | --: | --: | --: | --: | --: | --: |');
  for (const model of MODELS) {
    const { events, fps, people } = await run(model, false);
    const persons = begun(events, 'person');
    const cars = begun(events, 'car');
    const others = events.filter(({ type }) => type === 'new').length - persons - cars;
    const cells = [model, fps.toFixed(1), people, persons, (persons / people).toFixed(2), cars, others];
    console.log(`| ${cells.join(' | ')} | ${brokenLives(events).length} |`);
  }
});

test('the broker is dead for thirty seconds', async () => {
  const { events, made, same } = await run(MODELS[0] as string, true);
  const late = events.filter((event) => event.late).length;
  console.log(
    `\nevents made ${made.length}, published ${events.length} (${late} late), the same in the same order: ${same}`,
  );
  console.log(`broken lives: ${brokenLives(events).length}`);
});
