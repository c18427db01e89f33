/**
 * What was chosen at the last start, in a small file, so that the next start of the same board with the same settings need not try all of
 * it again. It holds nothing that the settings would not allow: a file that differs from what is found now is no longer there for us.
 */
import { readFile, unlink } from 'node:fs/promises';
import { availableParallelism, release } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import type { ProviderName } from '../config/types.js';
import { addonPath } from '../native/addon.js';
import type { Log } from '../observe/log.js';
import { VERSION } from '../package-info.js';
import { fileFacts, readStateFile, writeStateFile } from '../state-file.js';
import { PROVIDERS } from './providers.js';

/** What the choice depends on. */
export interface ChoiceQuestion {
  /** Files of the models and libraries to choose from. */
  files: readonly string[];
  /** The models to choose from, as MODEL names them. */
  models: readonly string[];
  provider: ProviderName;
  threads: number;
}

const providerSchema = v.picklist(PROVIDERS);
const notNegative = v.pipe(v.number(), v.finite(), v.minValue(0));
const nodesSchema = v.record(v.string(), notNegative);
const choiceSchema = v.object({
  model: v.string(),
  library: v.object({
    path: v.string(),
    version: v.pipe(v.string(), v.regex(/^[\w.+-]{1,100}$/)),
    providers: v.array(providerSchema),
  }),
  provider: providerSchema,
  medianMs: notNegative,
  nodes: v.optional(nodesSchema),
});
const fileSchema = v.object({ facts: v.string(), choice: choiceSchema });

/** What was chosen: of the models, libraries and providers in question. */
export type Choice = v.InferOutput<typeof choiceSchema>;

const FILE = 'runtime.json';

/** The file in a folder of the daemon's own. Nothing that happens to it is an error: without it everything is tried. */
export class ChoiceFile {
  readonly #folder: string;
  readonly #facts: string;
  readonly #question: ChoiceQuestion;
  readonly #log: Log | undefined;

  private constructor(folder: string, question: ChoiceQuestion, facts: string, log: Log | undefined) {
    this.#folder = folder;
    this.#question = question;
    this.#facts = facts;
    this.#log = log;
  }

  static async open(folder: string, question: ChoiceQuestion, log?: Log): Promise<ChoiceFile> {
    return new ChoiceFile(folder, question, await factsOf(question), log);
  }

  /**
   * The choice of the last start, where all that it depends on is as it was. The file is gone then until {@link keep}: a start that
   * does not survive the choice is followed by one that tries everything in processes of their own.
   */
  async take(): Promise<Choice | undefined> {
    const parsed = v.safeParse(fileSchema, await readStateFile(this.#path));
    const isGone = await unlink(this.#path).then(
      () => true,
      () => false,
    );
    if (!isGone || !parsed.success) return undefined;
    const { facts, choice } = parsed.output;
    return facts === this.#facts && this.#allows(choice) ? choice : undefined;
  }

  async keep(choice: Choice): Promise<void> {
    const error = await writeStateFile(this.#path, { facts: this.#facts, choice });
    if (error) this.#log?.debug(`the choice of the runtime is not remembered: ${error.message}`);
  }

  get #path(): string {
    return join(this.#folder, FILE);
  }

  /** Whether it is one that could be chosen now. */
  #allows({ model, library, provider }: Choice): boolean {
    const { files, models, provider: wanted } = this.#question;
    return (
      models.includes(model) && files.includes(library.path) && (wanted === 'auto' || wanted === provider)
    );
  }
}

/** Everything that the choice depends on, in a form that can be compared. */
async function factsOf(question: ChoiceQuestion): Promise<string> {
  const { models, provider, threads } = question;
  const files = await Promise.all([...question.files, addonPath()].map(fileFacts));
  const machine = [await processor(), availableParallelism(), release()];
  return JSON.stringify({ versions: [VERSION, process.version], machine, models, files, provider, threads });
}

/** Lines of /proc/cpuinfo that tell processors apart, on x86 and on Arm; a card may be moved to another board. */
const PROCESSOR = /^(?:vendor_id|cpu family|model|model name|stepping|flags|CPU \w+|Features|Model)\s*:.*$/gm;

async function processor(): Promise<string[]> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return [...new Set(text.match(PROCESSOR) ?? [])];
}
