/** The options of `ghostcam import`: a model from elsewhere. src/cli/import.ts does it, and is loaded when it is asked for. */
import { Command } from 'commander';
import { score } from '../arguments.js';
import type { Environment } from '../env-file.js';

export function importCommand(environment: Environment): Command {
  return new Command('import')
    .description('make a model from elsewhere usable: write the manifest that belongs beside an .onnx file')
    .argument('<model>', 'a YOLO detector as .onnx file')
    .option('--labels <list-or-file>', 'person,car,…, or a file of them (default: those in the model)')
    .option('--name <name>', 'what the model is called (default: as its file)')
    .option('--threshold <score>', 'report from this score on, 0 to 1 (default: 0.3)', score)
    .option('--out <json>', 'write the manifest there, over what is there (default: beside the model)')
    .option('--run [photo]', 'try the model first, on a photograph (default: one of a person)')
    .action(async (model, flags) => (await import('../import.js')).importModel(model, flags, environment));
}
