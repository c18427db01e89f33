/** What is printed when a command fails, and with which exit code the program ends. */
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { HIDDEN } from '../address/address.js';
import { isLikelyName } from '../config/likely-name.js';
import { GhostcamError } from '../errors.js';
import { type PlatformFacts, platformFacts, platformProblems } from '../native/platform.js';
import { redactText } from '../secrets/redact.js';
import { EXIT, exitCodeOf } from './exit-codes.js';

/** What a module says that has no native part for this kind of machine, or whose native part does not load. */
const LOADING = new Set(['ERR_DLOPEN_FAILED', 'MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND']);
/** What the system has too little of (errno(3)), whoever asks for it. */
const SHORTAGES = new Map([
  ['EMFILE', 'allow this program more open files (ulimit -n; LimitNOFILE= in a unit of systemd)'],
  ['ENFILE', 'allow the machine more open files (sysctl fs.file-max), or find who holds them'],
  ['ENOMEM', 'free memory, or watch fewer cameras'],
  ['ENOSPC', 'free space on the disk'],
  ['EDQUOT', 'free space on the disk, or raise the quota of this user'],
]);
/** sharp gives no code. */
const SHARP = /^Could not load the "sharp" module using the \S+ runtime/;

/**
 * Says what went wrong, once: an error of this project without a stack, a dependency that cannot be loaded with what is unusual
 * about this machine, what the machine has too little of, and everything else as the bug that it is, with its stack.
 * @returns The exit code.
 */
export function report(
  error: unknown,
  print: (text: string) => void = console.error,
  facts: PlatformFacts = platformFacts(),
): number {
  // commander has printed its message already; help and version are "errors" with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof GhostcamError) {
    const { message, remedy } = error;
    print(redactText(`ghostcam: ${message}${remedy === undefined ? '' : `\n  -> ${remedy}`}`));
    return exitCodeOf(error.code);
  }
  const [problem] = platformProblems(facts);
  if (problem !== undefined && isLoadingFailure(error)) {
    const [reason] = error.message.split('\n');
    print(redactText(`ghostcam: ${reason}\n  ${problem.message}\n  -> ${problem.remedy}`));
    return EXIT.unavailable;
  }
  const shortage = SHORTAGES.get(codeOf(error));
  if (shortage !== undefined && error instanceof Error) {
    print(redactText(`ghostcam: ${error.message}\n  -> ${shortage}`));
    return EXIT.failure;
  }
  if (error instanceof Error && /MODULE_NOT_FOUND$/.test(codeOf(error))) {
    const [reason] = error.message.split('\n');
    // Node says so too when it has no descriptor left to look for the file.
    print(redactText(`ghostcam: ${reason}\n  -> install ghostcam anew, or ${SHORTAGES.get('EMFILE')}`));
    return EXIT.unavailable;
  }
  print(
    redactText(`ghostcam: this is a bug in ghostcam; please report it with these lines\n${inspect(error)}`),
  );
  return EXIT.failure;
}

/** An option that nobody knows: its name, what follows its `=`, and what commander takes it for. */
const UNKNOWN_OPTION =
  /^(error: unknown option ')([^'=]*)((?:=.*)?)('(?:\n\(Did you mean .{1,40}\?\))?\n*)$/s;

/** commander's errors repeat arguments, which may be addresses or the rest of a password behind a blank. */
export function printUsageError(text: string, write: (text: string) => void): void {
  const shown = text.replace(
    UNKNOWN_OPTION,
    (_, before: string, name: string, value: string, after: string) =>
      `${before}${isOption(name) || after.includes('(') ? `${name}${value && `=${HIDDEN}`}` : HIDDEN}${after}`,
  );
  write(redactText(shown));
}

function isOption(name: string): boolean {
  return /^--?[a-z-]{1,40}$/.test(name);
}

/** A word that is not understood, as an error repeats it: it may be a password, or hold one. Of `NAME=value` the name stays. */
export function shownWord(word: string): string {
  const [, name = ''] = /^([^=]+)=/.exec(word) ?? [];
  return isLikelyName(name) ? `${name}=${HIDDEN}` : HIDDEN;
}

function isLoadingFailure(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return LOADING.has(codeOf(error)) || SHARP.test(error.message);
}

function codeOf(error: unknown): string {
  return error instanceof Error ? String((error as NodeJS.ErrnoException).code) : '';
}
