import { expect, test } from 'vitest';
// @ts-expect-error: it is a script, without types.
import { webAddress } from '../../scripts/release/homepage.mjs';

test.each([
  ['https://github.com/somebody/ghostcam.git', 'https://github.com/somebody/ghostcam'],
  ['https://token@github.com/somebody/ghostcam', 'https://github.com/somebody/ghostcam'],
  ['git@github.com:somebody/ghostcam.git', 'https://github.com/somebody/ghostcam'],
  ['ssh://git@git.example.org:2222/a/ghostcam.git', 'https://git.example.org/a/ghostcam'],
  ['/srv/git/ghostcam', undefined],
  ['../ghostcam', undefined],
])('of the remote %s', (remote, address) => {
  expect(webAddress(remote)).toBe(address);
});
