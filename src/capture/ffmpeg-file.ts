/**
 * What ffmpeg has said of itself, in a small file: asking it takes three processes, each of which stops the start for a moment. It holds
 * for this version of ghostcam and this file of ffmpeg.
 */
import { constants } from 'node:fs';
import { access, open, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import * as v from 'valibot';
import { VERSION } from '../package-info.js';
import { fileFacts, readStateFile, writeStateFile } from '../state-file.js';

/** Where a start may look up what an earlier one was told. */
export interface FfmpegMemory {
  folder: string;
  /** PATH, by which the system finds programs. */
  searchPath: string;
}

const FILE = 'ffmpeg.json';
const ELF = Buffer.from('\x7fELF', 'latin1');

const answersSchema = v.object({
  version: v.pipe(v.string(), v.regex(/^\S{1,100}$/)),
  rtspTimeoutOption: v.picklist(['-timeout', '-stimeout']),
  frameTimingOption: v.picklist(['-fps_mode', '-vsync']),
});
type Answers = v.InferOutput<typeof answersSchema>;
const fileSchema = v.object({ facts: v.string(), answers: answersSchema });

export class FfmpegFile {
  readonly #path: string;
  readonly #facts: string;

  private constructor(path: string, facts: string) {
    this.#path = path;
    this.#facts = facts;
  }

  /**
   * @param program Its path, or a name that PATH finds.
   * @returns Undefined where nothing may be remembered: a script may run one ffmpeg today and another tomorrow.
   */
  static async of(program: string, { folder, searchPath }: FfmpegMemory): Promise<FfmpegFile | undefined> {
    const candidates = program.includes('/')
      ? [program]
      : searchPath.split(delimiter).map((each) => join(each, program));
    for (const candidate of candidates) {
      if (!(await isProgram(candidate))) continue;
      const path = await realpath(candidate);
      // What is run by another name, as the packages of snap are, may be another program tomorrow.
      if (!basename(path).startsWith('ffmpeg') || !(await isElf(path))) return undefined;
      return new FfmpegFile(join(folder, FILE), JSON.stringify([VERSION, candidate, await fileFacts(path)]));
    }
    return undefined;
  }

  async read(): Promise<Answers | undefined> {
    const parsed = v.safeParse(fileSchema, await readStateFile(this.#path));
    return parsed.success && parsed.output.facts === this.#facts ? parsed.output.answers : undefined;
  }

  async keep({ version, rtspTimeoutOption, frameTimingOption }: Answers): Promise<void> {
    const answers = { version, rtspTimeoutOption, frameTimingOption };
    await writeStateFile(this.#path, { facts: this.#facts, answers });
  }
}

/** Whether the system would run it (execvp(3)): what it may not, it looks past. */
async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** False also where nobody may read it. */
async function isElf(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    const { buffer } = await file.read(Buffer.alloc(ELF.length), 0, ELF.length);
    return buffer.equals(ELF);
  } catch {
    return false;
  }
}
