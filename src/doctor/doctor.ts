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
  if (config !== undefined) yield* await examineBroker(config);
  const cameras = config?.cameras ?? [];
  const seen = await examineCameras({ cameras, ffmpegPath, model: runtime.model, log });
  yield* seen.findings;
  if (fastest === undefined || seen.decoding.length === 0) return;
  const board = { cores: availableParallelism(), load: loadBefore };
  yield examineCapacity({ ...fastest, decoding: seen.decoding, ...board }, cameras);
}

/** A finding for each of its servers; while one of them can be used, what is wrong with the others is a warning. */
async function examineBroker(config: Config): Promise<Finding[]> {
  const { servers } = config.mqtt;
  const findings: Finding[] = [];
  // One after the other: in a cluster a second connection of the same name would end the first.
  for (const server of servers) {
    const name = servers.length === 1 ? 'broker' : `broker ${server.display()}`;
    findings.push(await examineServer(name, { ...config, mqtt: { ...config.mqtt, servers: [server] } }));
  }
  const usable = findings.some(({ status }) => status !== 'failure');
  return findings.map((finding) =>
    usable && finding.status === 'failure' ? { ...finding, status: 'warning' } : finding,
  );
}

async function examineServer(name: string, { mqtt, nodeId, cameras }: Config): Promise<Finding> {
  const topics = new Topics(mqtt.topic, nodeId);
  const largestMessage =
    1000 * Math.max(...cameras.map(({ snapshot, snapshotMaxKb }) => (snapshot ? snapshotMaxKb : 1)));
  const parts = { config: mqtt, topics, largestMessage, clock: systemClock };
  const { connection, access, exchange, lacking } = await testConnection(parts);
  if (connection !== undefined) return failure(name, `no connection: ${connection}`);
  if (exchange !== undefined) return failure(name, `connected, but ${exchange}`);
  if (access !== undefined) {
    return failure(name, access, "allow it in the broker's access list: ghostcam's topics are in README");
  }
  if (lacking.length > 0) return warning(name, `connected, but ${lacking.join('; ')}`);
  return ok(name, 'connected; what is published arrives');
}
