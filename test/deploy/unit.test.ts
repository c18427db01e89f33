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

test('every credential that is loaded is a file: folders are loaded since 250', () => {
  const sources = UNIT.filter((line) => line.startsWith('LoadCredential=')).map((line) => line.split(':')[1]);
  expect(sources).toEqual(['/etc/ghostcam/ghostcam.env']);
});

test('memory is bounded, and what is too much ends an ffmpeg instead of the service', () => {
  expect(UNIT).toContain('MemoryMax=80%');
  expect(UNIT).toContain('OOMPolicy=continue');
});
