/** The options of `ghostcam check`: the settings and their mistakes. src/cli/check.ts does it, and is loaded when it is asked for. */
import { Command } from 'commander';
import type { Environment } from '../env-file.js';
import { envFileOption } from './options.js';

export function checkCommand(environment: Environment): Command {
  return new Command('check')
    .description('validate the configuration, print what differs from the defaults and every mistake')
    .addOption(envFileOption())
    .option('--all', 'print the settings that have their defaults too')
    .action(async (flags) => (await import('../check.js')).check(flags, environment));
}
