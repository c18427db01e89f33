#!/usr/bin/env -S MALLOC_ARENA_MAX=2 NODE_DEBUG= node --min-semi-space-size=2 --max-semi-space-size=2 --no-allocation-site-pretenuring --
/**
 * What `ghostcam` is: parses the command, runs it, sets the exit code. The only reader of the process environment.
 * The `--` above keeps Node 20 from taking our --env-file for its own and leaving with 9 when the file is missing. What is new on V8's heap
 * would have 1 to 32 MB, by how busy the machine is; in these 4 most of what a frame needs dies. Objects of a kind of which V8 has seen
 * many that lived on would be put among what is old at once, where only a search of the whole heap finds that they are garbage: here
 * nearly all of them are, soon. glibc would give threads eight heaps for each core instead of two in all, and what is free in one heap is
 * of no use to the others. With NODE_DEBUG Node would print ffmpeg's arguments, passwords among them, and reads it before any code of ours
 * runs.
 */
import { Command } from 'commander';
import { benchCommand } from './cli/commands/bench.js';
import { camerasCommand } from './cli/commands/cameras.js';
import { checkCommand } from './cli/commands/check.js';
import { demoCommand } from './cli/commands/demo.js';
import { detectCommand } from './cli/commands/detect.js';
import { doctorCommand } from './cli/commands/doctor.js';
import { forgetCommand } from './cli/commands/forget.js';
import { importCommand } from './cli/commands/import.js';
import { runCommand } from './cli/commands/run.js';
import type { Environment } from './cli/env-file.js';
import { exitWhenPrinted, handleOutputErrors } from './cli/output.js';
import { printUsageError, report, shownWord } from './cli/report.js';
import { ignoreUserSignals } from './cli/signals.js';
import { closest } from './config/unknown.js';
import { quoted } from './config/values.js';
import { VERSION } from './package-info.js';

const EXIT_CODES = `
Exit codes:
  0   success
  1   something failed while running
  64  wrong arguments
  69  a part is missing: ffmpeg, the addon, the runtime library
  78  the configuration, or a file that it names, must be mended`;

// A command imports what it does only when it runs: `ghostcam --help` must not load a native library.
function program(environment: Environment): Command {
  const ghostcam = new Command('ghostcam')
    .description('Watches RTSP cameras and publishes what it sees over MQTT.')
    .version(VERSION)
    .addHelpText('after', EXIT_CODES);
  const refuse = (word: string) => unknownCommand(ghostcam, word);
  ghostcam.addCommand(runCommand(environment, refuse), { isDefault: true });
  for (const command of [
    camerasCommand(environment),
    checkCommand(environment),
    doctorCommand(environment),
    detectCommand(environment),
    importCommand(environment),
    benchCommand(environment),
    demoCommand(environment),
    forgetCommand(environment),
  ]) {
    ghostcam.addCommand(command);
  }
  for (const command of [ghostcam, ...ghostcam.commands]) {
    command.exitOverride();
    command.configureOutput({ outputError: printUsageError });
  }
  return ghostcam;
}

/**
 * What programs and libraries of ours obey: mqtt.js would write to stderr what it sends, ffmpeg its arguments to a file, both with
 * passwords, and a log in colours is not understood.
 */
const DIAGNOSTICS = /^(?:DEBUG|FFREPORT|AV_LOG_FORCE_\w+)$/;

/**
 * The environment, out of which our own settings are taken for good: ffmpeg, which reads what strangers send, would
 * inherit the broker's password.
 */
function takeEnvironment(): Environment {
  const environment = { ...process.env };
  for (const name of Object.keys(environment))
    if (/^(?:CAMERA|MQTT|WEB)_/.test(name) || DIAGNOSTICS.test(name)) delete process.env[name];
  return environment;
}

function unknownCommand(ghostcam: Command, word: string): never {
  const meant = closest(
    word,
    ghostcam.commands.map((command) => command.name()),
  );
  if (meant !== undefined)
    return ghostcam.error(`error: ${quoted(word)} is no command of ghostcam\n(Did you mean ${meant}?)`);
  return ghostcam.error(`error: ${shownWord(word)} is no command of ghostcam; see ghostcam --help`);
}

ignoreUserSignals();
handleOutputErrors();
// An error outside of every promise that is awaited: the program ends, for its state is unknown.
process.on('uncaughtException', (error) => process.exit(report(error)));
try {
  await program(takeEnvironment()).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
exitWhenPrinted();
