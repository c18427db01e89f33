/** The options of `ghostcam doctor`: every part on this board tried. src/cli/doctor.ts does it, and is loaded when it is asked for. */
import { Command } from 'commander';
import type { Environment } from '../env-file.js';
import { envFileOption, jsonOption } from './options.js';

export function doctorCommand(environment: Environment): Command {
  return new Command('doctor')
    .description('try every part on this board, and say how to mend what does not work')
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async (flags) => {
      process.exitCode = await (await import('../doctor.js')).doctor(flags, environment);
    });
}
