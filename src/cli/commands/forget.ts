/** The options of `ghostcam forget`: what is retained of a former camera. src/cli/forget.ts does it, and is loaded when it is asked for. */
import { Command } from 'commander';
import type { Environment } from '../env-file.js';
import { envFileOption } from './options.js';

export function forgetCommand(environment: Environment): Command {
  return new Command('forget')
    .description(
      'clear all that the broker and Home Assistant keep of a camera that is not in the settings any more',
    )
    .argument('<camera>', 'its name, as it was in CAMERAS')
    .addOption(envFileOption())
    .action(async (camera, flags) => (await import('../forget.js')).forget(camera, flags, environment));
}
