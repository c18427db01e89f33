/** The options of `ghostcam bench`: what is measured of this board. src/cli/bench.ts does it, and is loaded when it is asked for. */
import { Command } from 'commander';
import { count, videoFile } from '../arguments.js';
import type { Environment } from '../env-file.js';
import { jsonOption, runtimeOptions } from './options.js';

export function benchCommand(environment: Environment): Command {
  const command = new Command('bench').description(
    'measure this board: bare inference, whole frames, and video to MQTT, from one run',
  );
  for (const option of runtimeOptions()) command.addOption(option);
  return command
    .option('--frames <n>', 'frames of each of the three stages', count, 500)
    .option('--cameras <n>', 'cameras that play the footage in the third stage', count, 1)
    .option('--footage <file>', 'a video file instead of the sample footage', videoFile)
    .addOption(jsonOption())
    .action(async (flags) => (await import('../bench.js')).bench(flags, environment));
}
