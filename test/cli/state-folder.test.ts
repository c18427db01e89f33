import { expect, test } from 'vitest';
import { stateFolder } from '../../src/cli/state-folder.js';

test.each<[environment: Record<string, string>, folder: string | undefined]>([
  [{ STATE_DIRECTORY: '/var/lib/ghostcam', XDG_STATE_HOME: '/x', HOME: '/home/a' }, '/var/lib/ghostcam'],
  [{ STATE_DIRECTORY: '/var/lib/ghostcam:/var/lib/other' }, '/var/lib/ghostcam'],
  [{ XDG_STATE_HOME: '/x', HOME: '/home/a' }, '/x/ghostcam'],
  // As the specification says: a path that is not absolute is to be ignored.
  [{ XDG_STATE_HOME: 'x', HOME: '/home/a' }, '/home/a/.local/state/ghostcam'],
  [{ STATE_DIRECTORY: '', HOME: '/home/a' }, '/home/a/.local/state/ghostcam'],
  [{}, undefined],
])('%j', (environment, folder) => {
  expect(stateFolder(environment)).toBe(folder);
});
