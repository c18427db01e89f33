/** The options of `ghostcam detect`: boxes of still images. src/cli/detect.ts does it, and is loaded when it is asked for. */
import { Command } from 'commander';
import { score } from '../arguments.js';
import type { Environment } from '../env-file.js';
import { envFileOption, jsonOption, runtimeOptions } from './options.js';

export function detectCommand(environment: Environment): Command {
  const command = new Command('detect')
    .description('find objects in still images: JPEG, PNG, WebP, or folders of them')
    .argument('<image-or-folder...>');
  for (const option of runtimeOptions()) command.addOption(option);
  return command
    .option('--threshold <score>', 'report from this score on, 0 to 1 (default: the model’s own)', score)
    .option('--camera <name>', 'as this camera of the env file: its limits, zones and masks')
    .addOption(envFileOption())
    .option('--regions', 'also infer the regions that a camera’s planner would look closer at, and show them')
    .addOption(jsonOption('one JSON object a line for each image'))
    .option(
      '--out <png>',
      'draw boxes, and the camera’s zones and masks: a PNG file, or a folder when there are several images',
    )
    .action(async (images, flags) => (await import('../detect.js')).detect(images, flags, environment));
}
