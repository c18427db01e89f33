// The project's own address, which Home Assistant shows and the blueprint's badge imports from: it must be where this checkout is from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from './execute.mjs';
import { ROOT } from './targets.mjs';

/** @returns The page of a git remote on the web; undefined for one that has none, such as a folder. */
export function webAddress(remote) {
  const match =
    /^(?:https?:\/\/(?:[^@/]+@)?|ssh:\/\/(?:[^@/]+@)?|git@)([\w.-]+)(?::\d+)?[:/](.+?)(?:\.git)?\/?$/.exec(
      remote,
    );
  return match === null ? undefined : `https://${match[1]}/${match[2]}`;
}

/** Throws when package.json names another one; says so when the checkout does not know where it is from. */
export function checkHomepage() {
  const { homepage } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const remotes = execute('git', ['remote'], { cwd: ROOT }).split('\n');
  const remote = remotes.includes('origin')
    ? webAddress(execute('git', ['remote', 'get-url', 'origin'], { cwd: ROOT }).trim())
    : undefined;
  if (remote === undefined) {
    console.error(
      `release: this checkout has no remote on the web, so ${homepage} in package.json is not checked`,
    );
  } else if (remote !== homepage) {
    throw new Error(
      `homepage in package.json is ${homepage}, but this checkout is from ${remote}: change it there, in the blueprint and in ` +
        'docs/home-assistant.md, which test/homeassistant/blueprint.test.ts compares',
    );
  }
}
