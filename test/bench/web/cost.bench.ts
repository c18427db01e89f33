/**
 * What the page costs, of one 640x360 camera: CPU time of a daemon that serves it and of one that does not, side by side, and that of
 * a live picture, in turns with nobody looking.
 */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import WebSocket from 'ws';
import { Board } from '../../support/board.js';
import { Page } from '../../support/page.js';
import { cpuSeconds } from '../daemon/process-tree.js';

const ROUNDS = Number(process.env.ROUNDS ?? 6);
const ROUND_MS = 8000;
const VIEWER_FPS = 5;

/** CPU seconds of the daemon itself, without its ffmpeg. */
const own = (pid: number) => {
  const { total, children } = cpuSeconds(pid);
  return total - children;
};

test('the page', async () => {
  const board = await Board.start();
  try {
    const camera = {
      CAMERAS: 'front',
      CAMERA_URL: resolve('assets/demo/footage.mp4'),
      CAMERA_MOTION: 'false',
    };
    const plain = board.daemon({ ...camera, NODE_ID: 'plain', THREADS: '1', PROVIDER: 'cpu' });
    const page = await Page.start(board, { ...camera, THREADS: '1', PROVIDER: 'cpu' });
    await sleep(5000);
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [a, b] = [own(page.daemon.pid), own(plain.pid)];
      await sleep(ROUND_MS);
      ratios.push((own(page.daemon.pid) - a) / (own(plain.pid) - b));
    }
    console.log(
      `CPU with the page, nobody looking, by CPU without: ${ratios.map((one) => one.toFixed(3)).join(' ')}`,
    );
    // Inference would hide what a picture costs.
    await page.post('/api/cameras/front/settings', { detect: false });
    const costs: number[] = [];
    const sizes: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const idle = own(page.daemon.pid);
      await sleep(ROUND_MS);
      const looking = own(page.daemon.pid);
      const socket = new WebSocket(`${page.url.replace('http', 'ws')}live`);
      let pictures = 0;
      socket.on('message', (data, isBinary) => {
        if (!isBinary) return;
        pictures += 1;
        sizes.push((data as Buffer).length);
        socket.send('{"ack": "front"}');
      });
      await once(socket, 'open');
      socket.send(JSON.stringify({ watch: { front: VIEWER_FPS } }));
      await sleep(ROUND_MS);
      const end = own(page.daemon.pid);
      socket.terminate();
      costs.push((1000 * (end - looking - (looking - idle))) / pictures);
    }
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length / 1000;
    console.log(
      `CPU ms a live picture: ${costs.map((one) => one.toFixed(1)).join(' ')}; ${mean.toFixed(0)} kB each`,
    );
  } finally {
    await board.dispose();
  }
});
