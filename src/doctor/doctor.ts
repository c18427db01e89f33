/** Tries everything that ghostcam needs on this board, part by part, by really using it. */
import { availableParallelism, loadavg } from 'node:os';
import { systemClock } from '../clock.js';
import type { Config } from '../config/types.js';
import { testConnection } from '../mqtt/connection-test.js';
import { Topics } from '../mqtt/topics.js';
import { platformFacts } from '../native/platform.js';
import type { Log } from '../observe/log.js';
import { INSTALLED_AT } from '../package-info.js';
import { examineClock, examineHeat } from './board.js';
import { examineCameras } from './cameras.js';
import { examineCapacity } from './capacity.js';
import { type Finding, failure, ok, warning } from './finding.js';
import { examinePlatform } from './platform.js';
import { examineRuntimes, type RuntimeQuestion } from './runtimes.js';
import { examineVideo } from './video.js';

export interface DoctorQuestion {
  runtime: RuntimeQuestion;
  ffmpegPath: string | undefined;
  /** Absent without a valid configuration: broker and cameras are not tried. */
  config?: Config;
  log: Log;
}

/** Yields each finding as it is made: some take seconds. */
export async function* examine({
  runtime,
  ffmpegPath,
  config,
  log,
}: DoctorQuestion): AsyncGenerator<Finding> {
  // Before the trials, which are a load too.
  const [loadBefore = 0] = loadavg();
  yield* examinePlatform(platformFacts());
  yield* await examineHeat();
  yield await examineClock(INSTALLED_AT, systemClock);
  yield* await examineVideo(ffmpegPath);
  const { findings, fastest } = await examineRuntimes(runtime);
  yield* findings;
  if (config !== undefined) yield await examineBroker(config);
  const cameras = config?.cameras ?? [];
  const seen = await examineCameras({ cameras, ffmpegPath, model: runtime.model, log });
  yield* seen.findings;
  if (fastest === undefined || seen.decoding.length === 0) return;
  const board = { cores: availableParallelism(), load: loadBefore };
  yield examineCapacity({ ...fastest, decoding: seen.decoding, ...board }, cameras);
}

async function examineBroker({ mqtt, nodeId, cameras }: Config): Promise<Finding> {
  const topics = new Topics(mqtt.topic, nodeId);
  const largestMessage =
    1000 * Math.max(...cameras.map(({ snapshot, snapshotMaxKb }) => (snapshot ? snapshotMaxKb : 1)));
  const parts = { config: mqtt, topics, largestMessage, clock: systemClock };
  const { connection, exchange, lacking } = await testConnection(parts);
  if (connection !== undefined) return failure('broker', `no connection: ${connection}`);
  if (exchange !== undefined) {
    return failure(
      'broker',
      exchange,
      "allow it in the broker's access list: ghostcam's topics are in README",
    );
  }
  if (lacking.length > 0) return warning('broker', `connected, but ${lacking.join('; ')}`);
  return ok('broker', 'connected; what is published arrives');
}
