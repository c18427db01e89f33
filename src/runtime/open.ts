/** Opens the model with what was chosen at the last start, where that still holds, else with the fastest of what there is. */
import { type LoadedModel, loadModel, manifestPathOf, modelPath } from '../model/manifest.js';
import { modelForms } from '../model/name.js';
import { type Choice, ChoiceFile } from './choice-file.js';
import { type ChosenRuntime, chooseRuntime, openSession, type RuntimeRequest } from './choose.js';
import { candidateLibraries } from './libraries.js';

export interface OpenRequest extends RuntimeRequest {
  /** Where the choice is remembered; absent: it is made anew. */
  stateFolder?: string;
  /** Called when the session of an earlier choice is being opened, or a choice must be made. */
  onOpening?: () => void;
}

/** A runtime that is open, and how the model is loaded again. */
export interface OpenRuntime extends ChosenRuntime {
  load: () => Promise<LoadedModel>;
}

/** @param model As MODEL names it, or one that is loaded already. Rejects with MODEL, RUNTIME, PROVIDER or ADDON. */
export async function openRuntime(model: string | LoadedModel, request: OpenRequest): Promise<OpenRuntime> {
  if (typeof model !== 'string')
    return { ...(await chooseRuntime([model], request)), load: async () => model };
  const names = modelForms(model);
  const file = await choiceFile(names, request);
  const chosen = (await reopen(await file?.take(), request)) ?? (await choose(names, request));
  const { name, library, provider, medianMs, nodes } = chosen;
  await file?.keep({ model: name, library, provider, medianMs, ...(nodes ? { nodes } : {}) });
  // Nothing of it holds the bytes of the model.
  return { ...chosen, load: () => loadModel(name) };
}

/** With the name of the model as MODEL would have it. */
type Named = ChosenRuntime & { name: string };

async function choose(names: readonly string[], request: OpenRequest): Promise<Named> {
  request.onOpening?.();
  const models = await Promise.all(names.map((name) => loadModel(name)));
  const chosen = await chooseRuntime(models, request);
  return { ...chosen, name: names[models.indexOf(chosen.model)] as string };
}

/** Undefined where there is no choice, or it cannot be opened any more. */
async function reopen(
  choice: Choice | undefined,
  { threads, onOpening, log }: OpenRequest,
): Promise<Named | undefined> {
  if (choice === undefined) return undefined;
  const { model: name, library, provider, medianMs, nodes } = choice;
  try {
    const opening = openSession(await loadModel(name), library, provider, threads);
    onOpening?.();
    const opened = await opening;
    const candidate = { model: opened.model.name, library: library.path, version: library.version };
    const candidates = [{ ...candidate, provider, medianMs }];
    return { ...opened, name, library, provider, medianMs, candidates, ...(nodes ? { nodes } : {}) };
  } catch (error) {
    log?.debug(`what was chosen at an earlier start does not open any more: ${(error as Error).message}`);
    return undefined;
  }
}

async function choiceFile(
  models: readonly string[],
  { stateFolder, provider, threads, onnxruntimeLib, log }: OpenRequest,
): Promise<ChoiceFile | undefined> {
  if (stateFolder === undefined) return undefined;
  const paths = models.map((name) => modelPath(name)).filter((path) => path.endsWith('.onnx'));
  const files = [
    ...candidateLibraries(onnxruntimeLib),
    ...paths.flatMap((path) => [path, manifestPathOf(path)]),
  ];
  return ChoiceFile.open(stateFolder, { files, models, provider, threads }, log);
}
