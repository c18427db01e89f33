/**
 * What the page costs, of one 640x360 camera. CPU time is that of the daemon's own process, from /proc, for each inferred frame or live
 * picture, so that what else runs on the machine counts as little as can be; three daemons run side by side, of which two have no
 * page: how these differ is how far the measurement can be believed. ROUNDS says how many rounds, 24 without it.
 */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import WebSocket from 'ws';
import { Board } from '../../support/board.js';
import { Page } from '../../support/page.js';
import { cpuSeconds } from '../daemon/process-tree.js';

const ROUNDS = Number(process.env.ROUNDS ?? 24);
const ROUND_MS = 20_000;
const PICTURES_MS = 10_000;
const VIEWER_FPS = 5;
const MANY = 20;

/** CPU milliseconds of the daemon itself, without its ffmpeg. */
const own = (pid: number) => {
  const { total, children } = cpuSeconds(pid);
  return 1000 * (total - children);
};

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const at = (values: readonly number[], share: number) =>
  sorted(values)[Math.round(share * (values.length - 1))];
/** `1.003 (.984 to 1.021; .95 to 1.10)`: the median, where the middle half lies, and all. */
const words = (values: readonly number[], digits: number) => {
  const [least, first, median, third, most] = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    at(values, share)?.toFixed(digits),
  );
  return `median ${median}, half of all ${first} to ${third}, all ${least} to ${most}`;
};

test('the page', async () => {
  const board = await Board.start();
  try {
    const camera = {
      CAMERAS: 'front',
      CAMERA_URL: resolve('assets/demo/footage.mp4'),
      CAMERA_MOTION: 'false',
      THREADS: '1',
      PROVIDER: 'cpu',
    };
    const frames = new Map<string, number>();
    await board.subscribe('ghostcam/+/front/detections', (topic) => {
      const [, node = ''] = topic.split('/');
      frames.set(node, (frames.get(node) ?? 0) + 1);
    });
    const plain = board.daemon({ ...camera, NODE_ID: 'plain' });
    const page = await Page.start(board, { ...camera, NODE_ID: 'page' });
    const control = board.daemon({ ...camera, NODE_ID: 'control' });
    await sleep(8000);
    const pids = { plain: plain.pid, page: page.daemon.pid, control: control.pid };
    const now = () =>
      Object.entries(pids).map(([node, pid]) => ({ node, ms: own(pid), frames: frames.get(node) ?? 0 }));
    const ratios = { page: [] as number[], control: [] as number[] };
    const costs = { plain: [] as number[], page: [] as number[], control: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      const before = now();
      await sleep(ROUND_MS);
      const [ofPlain, ofPage, ofControl] = now().map(
        ({ ms, frames: count }, index) =>
          (ms - (before[index]?.ms ?? 0)) / (count - (before[index]?.frames ?? 0)),
      ) as [number, number, number];
      costs.plain.push(ofPlain);
      costs.page.push(ofPage);
      costs.control.push(ofControl);
      ratios.page.push(ofPage / ofPlain);
      ratios.control.push(ofControl / ofPlain);
    }
    console.log(`${ROUNDS} rounds of ${ROUND_MS / 1000} s, CPU ms for an inferred frame`);
    for (const [node, values] of Object.entries(costs)) console.log(`${node}: ${words(values, 2)}`);
    console.log(`with the page, nobody looking, by without: ${words(ratios.page, 3)}`);
    console.log(`without by without: ${words(ratios.control, 3)}`);
    await control.stop('SIGTERM');
    await plain.stop('SIGTERM');
    // Inference would hide what a picture costs.
    await page.post('/api/cameras/front/settings', { detect: false });
    await pictures(page, Math.ceil(ROUNDS / 3));
  } finally {
    await board.dispose();
  }
});

interface Watched {
  pictures: number;
  bytes: number;
  end(): void;
}

/** @param acknowledges Whether it says that it drew each picture. */
async function watch(page: Page, acknowledges = true): Promise<Watched> {
  const socket = new WebSocket(`${page.url.replace('http', 'ws')}live`);
  const watched = { pictures: 0, bytes: 0, end: () => socket.terminate() };
  socket.on('message', (data, isBinary) => {
    if (!isBinary) return;
    watched.pictures += 1;
    watched.bytes += (data as Buffer).length;
    if (acknowledges) socket.send('{"ack": "front"}');
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ watch: { front: VIEWER_FPS } }));
  return watched;
}

/** Nobody, one, many, and one beside one that is frozen, in turns. */
async function pictures(page: Page, rounds: number): Promise<void> {
  const encoded = async () =>
    Number(
      /pictures_encoded_total\{camera="front"\} (\d+)/.exec(
        (await page.get('/metrics')).body.toString(),
      )?.[1],
    );
  const all = { one: [] as number[], many: [] as number[] };
  const made = { nobody: 0, one: 0, many: 0, frozen: 0 };
  const got = { one: 0, many: 0, beside: 0, frozen: 0 };
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const measure = async (viewers: readonly Watched[]) => {
      const [ms, count] = [own(page.daemon.pid), await encoded()];
      await sleep(PICTURES_MS);
      const result = { ms: own(page.daemon.pid) - ms, made: (await encoded()) - count };
      for (const { end } of viewers) end();
      return result;
    };
    const idle = await measure([]);
    made.nobody += idle.made;
    const one = await watch(page);
    const ofOne = await measure([one]);
    const many = await Promise.all(Array.from({ length: MANY }, () => watch(page)));
    const ofMany = await measure(many);
    const [beside, frozen] = [await watch(page), await watch(page, false)];
    const ofFrozen = await measure([beside, frozen]);
    all.one.push((ofOne.ms - idle.ms) / ofOne.made);
    all.many.push((ofMany.ms - idle.ms) / ofMany.made);
    made.one += ofOne.made;
    made.many += ofMany.made;
    made.frozen += ofFrozen.made;
    got.one += one.pictures;
    got.many += Math.min(...many.map((viewer) => viewer.pictures));
    got.beside += beside.pictures;
    got.frozen += frozen.pictures;
    bytes += one.bytes;
  }
  console.log(`${rounds} rounds of ${PICTURES_MS / 1000} s each, ${VIEWER_FPS} pictures a second`);
  console.log(
    `encoded: nobody ${made.nobody}, one ${made.one}, ${MANY} ${made.many}, one beside a frozen one ${made.frozen}`,
  );
  console.log(
    `seen: one ${got.one}, the slowest of ${MANY} ${got.many}, beside a frozen one ${got.beside}, the frozen one ${got.frozen}`,
  );
  console.log(
    `CPU ms a picture, one viewer: ${words(all.one, 1)}; ${Math.round(bytes / got.one / 1000)} kB each`,
  );
  console.log(`CPU ms a picture, ${MANY} viewers: ${words(all.many, 1)}`);
}
