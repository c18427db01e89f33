/** The targets by name. A new one is a file that makes a Target, and a line here. */

import { addressesTarget } from './addresses.js';
import { answersTarget } from './answers.js';
import { checkTarget } from './check.js';
import { commandsTarget } from './commands.js';
import { discoveryTarget } from './discovery.js';
import { envTarget } from './env.js';
import { imagesTarget } from './images.js';
import { importTarget } from './import.js';
import { manifestTarget } from './manifest.js';
import { stderrTarget } from './stderr.js';
import type { Target } from './target.js';
import { topicsTarget } from './topics.js';
import { y4mTarget } from './y4m.js';

export const TARGETS: Readonly<Record<string, () => Target>> = {
  env: envTarget,
  check: checkTarget,
  import: importTarget,
  manifest: manifestTarget,
  commands: commandsTarget,
  discovery: discoveryTarget,
  y4m: y4mTarget,
  stderr: stderrTarget,
  images: imagesTarget,
  addresses: addressesTarget,
  topics: topicsTarget,
  answers: answersTarget,
};
