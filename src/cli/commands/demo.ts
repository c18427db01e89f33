/** The options of `ghostcam demo`: sample footage on the whole way. src/cli/demo.ts does it, and is loaded when it is asked for. */
import { Command } from 'commander';
import { seconds } from '../arguments.js';
import type { Environment } from '../env-file.js';

export function demoCommand(environment: Environment): Command {
  return new Command('demo')
    .description('sample footage, a broker and a subscriber on this machine: see detections without a camera')
    .option('--source <url>', 'your own camera or video file instead of the sample footage')
    .option('--seconds <n>', 'end after so many seconds', seconds)
    .action(async (options) => (await import('../demo.js')).demo(options, environment));
}
