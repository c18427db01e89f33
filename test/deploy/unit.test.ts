/** deploy/systemd/ghostcam.service asks for nothing that systemd 249 of Ubuntu 22.04 and JetPack 6 lacks; test/boards loads it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const UNIT = readFileSync('deploy/systemd/ghostcam.service', 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('#'));

/** Those of systemd.unit(5) in version 249. */
const SPECIFIERS = new Set('aAbBCEfgGhHiIjJlLmMnNopPqsStTuUvVwW%'.split(''));

test('specifiers', () => {
  const used = UNIT.flatMap((line) => [...line.matchAll(/%(.)/g)].map(([, letter = '']) => letter));
  expect(used.filter((letter) => !SPECIFIERS.has(letter))).toEqual([]);
});

test('the env file is copied at the start and at each reload, by root into a folder of root, for the service', () => {
  const command = (name: string) => UNIT.find((line) => line.startsWith(`${name}=`)) ?? '';
  const copy =
    'cp /etc/ghostcam/ghostcam.env next && chown --reference=/run/ghostcam/. next && mv next ghostcam.env';
  for (const name of ['ExecStartPre', 'ExecReload'])
    expect(command(name)).toMatch(`=+/bin/sh -c 'umask 077 && `);
  for (const name of ['ExecStartPre', 'ExecReload'])
    expect(command(name)).toContain(`cd /run/ghostcam-settings && ${copy}`);
  expect(command('ExecReload')).toMatch(/&& kill -HUP "\$MAINPID"'$/);
  expect(command('ExecStart')).toMatch(/ run --env-file \/run\/ghostcam-settings\/ghostcam.env$/);
  // It would be as it was at the start.
  expect(UNIT.filter((line) => line.startsWith('LoadCredential='))).toEqual([]);
});

test('its type is known to systemd 249: notify-reload is of 253', () => {
  expect(UNIT).toContain('Type=notify');
});

test('memory is bounded, and what is too much ends an ffmpeg instead of the service', () => {
  expect(UNIT).toContain('MemoryMax=80%');
  expect(UNIT).toContain('OOMPolicy=continue');
});
