/**
 * README's commands are of this version, its settings are accepted, and what its mosquitto_sub shows is text. test/boards/release.sh
 * runs the four commands as they are printed, and test/boards/checkout.sh those of a checkout.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { Child } from '../support/child.js';
import { ghostcam } from '../support/ghostcam.js';
import { Mosquitto } from '../support/mosquitto.js';

const README = readFileSync('README.md', 'utf8');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** As test/boards runs them. */
function commands(word: string): string[] {
  const print = (...more: string[]) =>
    execFileSync(process.execPath, ['test/boards/readme.mjs', word, ...more], { encoding: 'utf8' }).trimEnd();
  return Array.from({ length: Number(print()) }, (_, index) => print(String(index + 1)));
}

const WAYS = ['## Four commands', 'Without installing anything'];

test.each(WAYS)('%s: four, with the names that a release of this version has', (word) => {
  const printed = commands(word);
  expect(printed).toHaveLength(4);
  const names = printed.join('\n').match(/ghostcam[-_]\d[^ ]*(?:deb|gz)/g);
  expect([`ghostcam_${version}_arm64.deb`, `ghostcam-${version}-linux-arm64.tar.gz`]).toEqual(
    expect.arrayContaining(names ?? ['none']),
  );
});

test.each(WAYS)(
  '%s: the settings have no mistake, and a password of any characters is written as it is',
  async (word) => {
    const folder = mkdtempSync(join(tmpdir(), 'ghostcam-readme-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const password = 'p@ss#$HOME`id`\\"';
    const [command = ''] = commands(word).filter((text) => text.includes('<<'));
    const own = command.replace('sudo tee /etc/ghostcam/', 'tee ').replaceAll('secret', () => password);
    execFileSync('sh', ['-c', own], { cwd: folder });
    const written = readFileSync(join(folder, 'ghostcam.env'), 'utf8');
    expect(written).toContain(`CAMERA_FRONT_PASSWORD=${password}\n`);
    const { code, stderr } = await ghostcam(['check', '--env-file', join(folder, 'ghostcam.env')]);
    expect([code, stderr]).toEqual([0, '']);
  },
);

test('every mosquitto_sub that is printed for a terminal shows no picture', async () => {
  const demo = readFileSync('src/cli/demo.ts', 'utf8').match(/mosquitto_sub .*(?=\\n)/)?.[0] as string;
  const printed = [...README.matchAll(/^ {4,}(mosquitto_sub .*)$/gm)].map(([, line]) => line as string);
  expect(printed.length).toBeGreaterThan(0);
  const broker = await Mosquitto.start();
  onTestFinished(() => broker.dispose());
  const client = await connectAsync(broker.url);
  onTestFinished(() => client.endAsync(true));
  for (const line of [demo, ...printed]) {
    const subscription = line.slice(line.indexOf(' -v ') + 1);
    const listener = new Child('sh', [
      '-c',
      `exec mosquitto_sub -h 127.0.0.1 -p ${broker.port} ${subscription}`,
    ]);
    onTestFinished(() => listener.stop('SIGKILL'));
    // Until it is subscribed.
    const published = setInterval(() => {
      client.publish('ghostcam/board/front/person/snapshot', Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
      client.publish('ghostcam/board/front/events', '{"type":"new"}');
    }, 100);
    await listener.outputMatch(/(?:ghostcam\/board\/front\/events \{"type":"new"\}\n){3}/);
    clearInterval(published);
    expect(listener.output, line).not.toMatch(/snapshot|\ufffd/);
  }
});
