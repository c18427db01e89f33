/** What the daemon cannot do without. Both are found on other threads and in other processes, while the rest of the program is loaded. */
import { type Ffmpeg, findFfmpeg } from '../capture/ffmpeg.js';
import type { Config } from '../config/types.js';
import { Detector } from '../detect/detector.js';
import type { Log } from '../observe/log.js';

/** Each rejects with a GhostcamError when it is missing. */
export interface Prerequisites {
  detector: Promise<Detector>;
  ffmpeg: Promise<Ffmpeg>;
  /** Resolves when nothing more of the detector waits for this thread, which may stand still from then on. */
  underWay: Promise<void>;
}

/**
 * Begins to find them.
 * @param stateFolder Where it is remembered what was found; undefined: nowhere.
 * @param searchPath PATH, by which the system finds ffmpeg.
 */
export function findPrerequisites(
  config: Config,
  log: Log,
  stateFolder?: string,
  searchPath = '',
): Prerequisites {
  const { model, provider, threads, onnxruntimeLib, ffmpegPath } = config;
  let onOpening: () => void = () => {};
  const underWay = new Promise<void>((resolve) => {
    onOpening = resolve;
  });
  const detector = Detector.open({
    model,
    provider,
    ...(threads === undefined ? {} : { threads }),
    ...(onnxruntimeLib === undefined ? {} : { onnxruntimeLib }),
    ...(stateFolder === undefined ? {} : { stateFolder }),
    onOpening,
    log,
  });
  const memory = stateFolder === undefined ? undefined : { folder: stateFolder, searchPath };
  const ffmpeg = findFfmpeg(ffmpegPath, memory);
  // A failure is met when the daemon starts.
  detector.catch(onOpening);
  ffmpeg.catch(() => {});
  return { detector, ffmpeg, underWay };
}
