/** The options of `ghostcam run`: the daemon. src/cli/run.ts does it, and is loaded when it is asked for. */
import { Command } from 'commander';
import type { Environment } from '../env-file.js';
import { envFileOption } from './options.js';

/** @param refuse Throws the usage error for a word that is no command: as the default command, run gets such words. */
export function runCommand(environment: Environment, refuse: (word: string) => never): Command {
  return new Command('run')
    .description('run the daemon (the default command)')
    .addOption(envFileOption())
    .option('--heartbeat <file>', 'touch this file every 10 s while frames are inferred, for a health check')
    .allowExcessArguments()
    .action(async (flags, { args: [stray] }: Command) => {
      if (stray !== undefined) refuse(stray);
      await (await import('../run.js')).run(flags, environment);
    });
}
