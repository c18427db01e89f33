import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { examineClock, examineHeat } from '../../src/doctor/board.js';
import { examinePlatform } from '../../src/doctor/platform.js';

const good = { platform: 'linux', arch: 'arm64', glibc: '2.36', node: '20.19.2' };
const wrong = (facts: Partial<Parameters<typeof examinePlatform>[0]>) =>
  examinePlatform({ ...good, ...facts }).filter(({ status }) => status !== 'ok');

test('a Raspberry Pi OS 12 is fine', () => {
  expect(wrong({})).toEqual([]);
});

test.each([
  [{ arch: 'arm' }, 'failure', /no addon for arm$/, /64-bit Raspberry Pi OS/],
  [{ arch: 'riscv64' }, 'failure', /no addon for riscv64$/, /64-bit Arm or x86/],
  [{ glibc: '2.31' }, 'warning', /glibc 2\.31 is older than 2\.34/, /Debian 12/],
  [{ glibc: '2.9' }, 'warning', /glibc 2\.9 is older/, /Debian 12/],
  [{ glibc: undefined }, 'warning', /musl/, /ONNXRUNTIME_LIB/],
  [{ node: '18.20.4' }, 'failure', /18\.20\.4 is older/, /install Node 20\.19/],
] as const)('%j is named, with a remedy', (facts, status, message, remedy) => {
  const [finding, ...others] = wrong(facts);
  expect(others).toEqual([]);
  expect(finding?.status).toBe(status);
  expect(finding?.message).toMatch(message);
  expect(finding?.remedy).toMatch(remedy);
});

async function system(temperature: string, throttled?: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'ghostcam-sys-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const zone = join(root, 'class/thermal/thermal_zone0');
  await mkdir(zone, { recursive: true });
  await writeFile(join(zone, 'temp'), `${temperature}\n`);
  if (throttled !== undefined) {
    const firmware = join(root, 'devices/platform/soc/soc:firmware');
    await mkdir(firmware, { recursive: true });
    await writeFile(join(firmware, 'get_throttled'), `${throttled}\n`);
  }
  return root;
}

test('a cool Raspberry Pi that was never throttled is fine', async () => {
  expect(await examineHeat({ sys: await system('48300', '0'), proc: '/proc' })).toEqual([
    { check: 'temperature', status: 'ok', message: '48 °C' },
    { check: 'power', status: 'ok', message: 'never throttled since the start' },
  ]);
});

test('heat and low voltage are warnings, with a remedy', async () => {
  const [temperature, power] = await examineHeat({ sys: await system('84100', '50005'), proc: '/proc' });
  expect(temperature).toMatchObject({ status: 'warning', message: expect.stringContaining('84 °C') });
  expect(power).toMatchObject({
    status: 'warning',
    message: expect.stringMatching(
      /voltage is too low now; the processor is slowed down now.*since the start/,
    ),
    remedy: expect.stringContaining('power supply'),
  });
});

test('a clock that fell back behind the installation is a failure', async () => {
  const finding = await examineClock(new Date('2026-11-01'), { wallTime: () => 60_000 });
  expect(finding).toMatchObject({ status: 'failure', remedy: expect.stringContaining('timedatectl') });
});

test.each([
  ['yes', { status: 'ok', message: expect.stringMatching(/, synchronised$/) }],
  [
    'no',
    {
      status: 'warning',
      message: expect.stringMatching(/, not synchronised$/),
      remedy: 'sudo timedatectl set-ntp true',
    },
  ],
] as const)('the system says of its clock: synchronised %s', async (answer, expected) => {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-clock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'timedatectl'), `#!/bin/sh\necho ${answer}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await examineClock(new Date(0), systemClock)).toMatchObject(expected);
});

test('where nothing reports on the clock, its time is shown', async () => {
  vi.stubEnv('PATH', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  const now = new Date('2026-11-25T02:00:00Z');
  expect(await examineClock(new Date(0), { wallTime: () => now.getTime() })).toMatchObject({
    status: 'ok',
    message: now.toISOString(),
  });
});
