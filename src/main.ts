#!/usr/bin/env node
/** What `ghostcam` is: parses the command, runs it, sets the exit code. The only reader of the process environment. */
import { Command, CommanderError } from 'commander';
import { EXIT, exitCodeOf } from './cli/exit-codes.js';
import { GhostcamError } from './errors.js';
import { VERSION } from './package-info.js';

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

// Each command is imported only when it runs: `ghostcam --help` must not load a native library.
function program(): Command {
  const ghostcam = new Command('ghostcam')
    .description('Watches RTSP cameras and publishes what it sees over MQTT.')
    .version(VERSION)
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  ghostcam
    .command('run', { isDefault: true })
    .description('run the daemon (the default command)')
    .option(...ENV_FILE_OPTION)
    .action(async ({ envFile }) => (await import('./cli/run.js')).run(envFile, process.env));
  ghostcam
    .command('check')
    .description('validate the configuration, print what takes effect and every mistake')
    .option(...ENV_FILE_OPTION)
    .action(async ({ envFile }) => (await import('./cli/check.js')).check(envFile, process.env));
  return ghostcam;
}

try {
  await program().parseAsync();
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
  console.error(error);
  return EXIT.failure;
}
