/** The options of `ghostcam cameras`: cameras on the local networks. src/cli/cameras.ts does it, and is loaded when it is asked for. */
import { Command, Option } from 'commander';
import { seconds } from '../arguments.js';
import type { Environment } from '../env-file.js';
import { envFileOption } from './options.js';

export function camerasCommand(environment: Environment): Command {
  return new Command('cameras')
    .description('find ONVIF cameras on the local networks and show the settings that watch them')
    .argument('[host...]', 'addresses of cameras, HOST or HOST:PORT, instead of searching')
    .addOption(envFileOption())
    .option('--write', 'append the settings to the env file, with user name and password')
    .option('--username <name>', 'user name at the cameras (default: $CAMERA_USERNAME, else asked)')
    .option('--network <name>', 'the network to search, such as eth0 (default: all)')
    .addOption(
      new Option('--wait <seconds>', 'how long answers are waited for').argParser(seconds).default(4),
    )
    .addHelpText(
      'after',
      '\nThe password is asked for, or taken from $CAMERA_PASSWORD: as an argument, others on this machine could see it.',
    )
    .action(async (hosts, flags) => {
      process.exitCode = await (await import('../cameras.js')).cameras(hosts, flags, environment);
    });
}
