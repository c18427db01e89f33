import { Command } from 'commander';
import type { Environment } from '../env-file.js';
import { envFileOption } from './options.js';

export function checkCommand(environment: Environment): Command {
  return new Command('check')
    .description('validate the configuration, print what takes effect and every mistake')
    .addOption(envFileOption())
    .action(async ({ envFile }) => (await import('../check.js')).check(envFile, environment));
}
