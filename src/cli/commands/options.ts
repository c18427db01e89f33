/** Options that several commands have. */
import { Option } from 'commander';
import { PROVIDERS } from '../../config/table.js';
import { threads } from '../arguments.js';

export function envFileOption(): Option {
  return new Option(
    '--env-file <file>',
    'the env file (default: ./ghostcam.env, else /etc/ghostcam/ghostcam.env)',
  );
}

/** What runs the model, for commands that need no env file. */
export function runtimeOptions(): Option[] {
  return [
    new Option('--model <model>', 'shipped model, or path of a .onnx file (default: $MODEL)'),
    new Option('--provider <provider>', 'what runs the model (default: $PROVIDER)').choices(PROVIDERS),
    new Option('--threads <n>', 'inference threads (default: $THREADS)').argParser(threads),
  ];
}

export function jsonOption(description = 'one JSON object'): Option {
  return new Option('--json', description);
}
