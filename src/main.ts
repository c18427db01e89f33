#!/usr/bin/env -S node --
/**
 * What `ghostcam` is: parses the command, runs it, sets the exit code. The only reader of the process environment.
 * The `--` above keeps Node 20 from taking our --env-file for its own and leaving with 9 when the file is missing.
 */
import { inspect } from 'node:util';
import { Command, CommanderError, Option } from 'commander';
import { count, score, seconds, threads, videoFile } from './cli/arguments.js';
import type { Environment } from './cli/env-file.js';
import { EXIT, exitCodeOf } from './cli/exit-codes.js';
import { PROVIDERS } from './config/table.js';
import { closest } from './config/unknown.js';
import { GhostcamError } from './errors.js';
import { platformFacts, platformProblems } from './native/platform.js';
import { VERSION } from './package-info.js';
import { redactText } from './secrets/redact.js';

const EXIT_CODES = `
Exit codes:
  0   success
  1   something failed while running
  64  wrong arguments
  69  a part is missing: ffmpeg, the addon, the runtime library
  78  the configuration, or a file that it names, must be mended`;

const ENV_FILE_OPTION = [
  '--env-file <file>',
  'the env file (default: ./ghostcam.env, else /etc/ghostcam/ghostcam.env)',
] as const;

const MODEL_OPTION = ['--model <model>', 'shipped model, or path of a .onnx file (default: $MODEL)'] as const;

function providerOption(): Option {
  return new Option('--provider <provider>', 'what runs the model (default: $PROVIDER)').choices(PROVIDERS);
}

// Each command is imported only when it runs: `ghostcam --help` must not load a native library.
function program(environment: Environment): Command {
  const ghostcam = new Command('ghostcam')
    .description('Watches RTSP cameras and publishes what it sees over MQTT.')
    .version(VERSION)
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  ghostcam
    .command('run', { isDefault: true })
    .description('run the daemon (the default command)')
    .option(...ENV_FILE_OPTION)
    .option('--heartbeat <file>', 'touch this file every 10 s while frames are inferred, for a health check')
    .allowExcessArguments()
    .action(async (flags, { args: [stray] }: Command) => {
      // As the default, run gets the words that are no command.
      if (stray !== undefined) throw unknownCommand(ghostcam, stray);
      await (await import('./cli/run.js')).run(flags, environment);
    });
  ghostcam
    .command('check')
    .description('validate the configuration, print what takes effect and every mistake')
    .option(...ENV_FILE_OPTION)
    .action(async ({ envFile }) => (await import('./cli/check.js')).check(envFile, environment));
  ghostcam
    .command('doctor')
    .description('try every part on this board, and say how to mend what does not work')
    .option(...ENV_FILE_OPTION)
    .option('--json', 'one JSON object')
    .action(async (flags) => {
      process.exitCode = await (await import('./cli/doctor.js')).doctor(flags, environment);
    });
  ghostcam
    .command('detect')
    .description('find objects in still images: JPEG, PNG, WebP, or folders of them')
    .argument('<image-or-folder...>')
    .option(...MODEL_OPTION)
    .addOption(providerOption())
    .option('--threads <n>', 'inference threads (default: $THREADS)', threads)
    .option('--threshold <score>', 'report from this score on, 0 to 1 (default: the model’s own)', score)
    .option('--camera <name>', 'as this camera of the env file: its limits, zones and masks')
    .option(...ENV_FILE_OPTION)
    .option('--json', 'one JSON object a line for each image')
    .option(
      '--out <png>',
      'draw boxes, and the camera’s zones and masks: a PNG file, or a folder when there are several images',
    )
    .action(async (images, flags) => (await import('./cli/detect.js')).detect(images, flags, environment));
  ghostcam
    .command('bench')
    .description('measure this board: bare inference, whole frames, and video to MQTT, from one run')
    .option(...MODEL_OPTION)
    .addOption(providerOption())
    .option('--threads <n>', 'inference threads (default: $THREADS)', threads)
    .option('--frames <n>', 'frames of each of the three stages', count, 500)
    .option('--cameras <n>', 'cameras that play the footage in the third stage', count, 1)
    .option('--footage <file>', 'a video file instead of the sample footage', videoFile)
    .option('--json', 'one JSON object')
    .action(async (flags) => (await import('./cli/bench.js')).bench(flags, environment));
  ghostcam
    .command('demo')
    .description('sample footage, a broker and a subscriber on this machine: see detections without a camera')
    .option('--source <url>', 'your own camera or video file instead of the sample footage')
    .option('--seconds <n>', 'end after so many seconds', seconds)
    .action(async (options) => (await import('./cli/demo.js')).demo(options));
  return ghostcam;
}

/**
 * The environment, out of which our own settings are taken for good: ffmpeg, which reads what strangers send, would
 * inherit the broker's password.
 */
function takeEnvironment(): Environment {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) if (/^(?:CAMERA|MQTT)_/.test(name)) delete process.env[name];
  return environment;
}

function unknownCommand(ghostcam: Command, word: string): never {
  const meant = closest(
    word,
    ghostcam.commands.map((command) => command.name()),
  );
  const hint = meant === undefined ? '' : `\n(Did you mean ${meant}?)`;
  return ghostcam.error(`error: ${JSON.stringify(word)} is no command of ghostcam${hint}`);
}

// `ghostcam detect … | head` closes our output early, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

try {
  await program(takeEnvironment()).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong, once and without a stack where the cause is not ours, and returns the exit code. */
function report(error: unknown): number {
  // commander has printed its message already; help and version are "errors" with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof GhostcamError) {
    console.error(`ghostcam: ${error.message}${error.remedy === undefined ? '' : `\n  -> ${error.remedy}`}`);
    return exitCodeOf(error.code);
  }
  // Where a dependency has no native part for this kind of machine, it fails in words of its own.
  const [problem] = platformProblems(platformFacts());
  if (problem !== undefined) {
    const { message } = error as Error;
    console.error(`ghostcam: ${message.split('\n')[0]}\n  ${problem.message}\n  -> ${problem.remedy}`);
    return EXIT.unavailable;
  }
  console.error(redactText(inspect(error), []));
  return EXIT.failure;
}
