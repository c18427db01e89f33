/** Four cameras in front of which nothing happens, in the whole daemon: inferences and CPU time with the gate and without. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { test } from 'vitest';
import { Daemon } from '../../support/ghostcam.js';
import { Mosquitto } from '../../support/mosquitto.js';
import { emptyLawn, emptyMeadow, emptyVerge, noisyStill } from '../../support/scenes.js';

const SECONDS = 90;
/** Of /proc: clock ticks a second. */
const TICKS = 100;

/** CPU seconds of a process and its threads so far. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / TICKS;
}

async function run(cameras: readonly string[], motion: boolean) {
  const broker = await Mosquitto.start();
  const viewer = await connectAsync(broker.url);
  let inferences = 0;
  viewer.on('message', () => inferences++);
  await viewer.subscribeAsync('ghostcam/+/+/detections');
  const urls = cameras.map((url, index) => [`CAMERA_C${index}_URL`, url]);
  const daemon = new Daemon({
    CAMERAS: cameras.map((_, index) => `c${index}`).join(','),
    ...Object.fromEntries(urls),
    CAMERA_MOTION: String(motion),
    MQTT_URL: broker.url,
    THREADS: '1',
  });
  while (inferences === 0) await sleep(20);
  const begin = await cpuSeconds(daemon.pid);
  inferences = 0;
  await sleep(SECONDS * 1000);
  const cpu = (await cpuSeconds(daemon.pid)) - begin;
  const children = await readFile(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8');
  const ffmpegs = await Promise.all(
    children
      .trim()
      .split(' ')
      .map((pid) => cpuSeconds(Number(pid))),
  );
  const counted = inferences;
  await daemon.stop('SIGTERM');
  await viewer.endAsync(true);
  await broker.dispose();
  return { inferences: counted, cpu, ffmpeg: ffmpegs.reduce((sum, seconds) => sum + seconds, 0) };
}

test('four idle cameras', async () => {
  const still = await noisyStill('test/fixtures/photos/coffee.png');
  const cameras = [await emptyLawn(), await emptyMeadow(), await emptyVerge(), still];
  const always = await run(cameras, false);
  const gated = await run(cameras, true);
  console.log(`\n4 cameras at 5 frames a second, ${SECONDS} s\n`);
  console.log('| | inferences | CPU seconds, ghostcam | CPU seconds, ffmpeg |\n| --- | --: | --: | --: |');
  for (const [name, { inferences, cpu, ffmpeg }] of Object.entries({ always, gated })) {
    console.log(`| ${name} | ${inferences} | ${cpu.toFixed(1)} | ${ffmpeg.toFixed(1)} |`);
  }
  console.log(
    `| ratio | ${(always.inferences / gated.inferences).toFixed(1)} | ${(always.cpu / gated.cpu).toFixed(1)} | |`,
  );
});
