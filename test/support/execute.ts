import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a program to its end and returns its standard output. @throws Error with its standard error. */
export async function execute(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(command, args, { maxBuffer: 2 ** 26 });
  return stdout;
}
