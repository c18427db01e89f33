/** `ghostcam run`: the daemon, from signal to signal. SIGHUP reads the settings anew. */

import { systemClock } from '../clock.js';
import { loadConfig } from '../config/load.js';
import { secretsOf } from '../config/secrets.js';
import { findPrerequisites } from '../daemon/prerequisites.js';
import { Reload } from '../daemon/reload.js';
import { addon } from '../native/addon.js';
import { Heartbeat } from '../observe/heartbeat.js';
import { createLog } from '../observe/log.js';
import { ServiceManager } from '../observe/service-manager.js';
import { Watchdog } from '../observe/watchdog.js';
import { VERSION } from '../package-info.js';
import { type Environment, loadConfigOrThrow } from './env-file.js';
import { modelMistakes } from './model-mistakes.js';
import { nextSignal, onHangup } from './signals.js';
import { stateFolder } from './state-folder.js';

export interface RunFlags {
  envFile?: string;
  /** A file that is touched for as long as the daemon does its work. */
  heartbeat?: string;
}

/** Interval of the watchdog's checks, where systemd asks for no other. */
const WATCH_INTERVAL_MS = 10_000;

/** Resolves after a signal and an orderly stop. */
export async function run({ envFile, heartbeat }: RunFlags, environment: Environment): Promise<void> {
  let reload: Reload | undefined;
  let requested = false;
  // At once: until somebody listens, signals end the process, and not in order.
  onHangup(() => {
    requested = true;
    reload?.request();
  });
  const signal = nextSignal();
  const { config } = await loadConfigOrThrow(envFile, environment);
  const log = createLog({
    level: config.logLevel,
    secrets: secretsOf(config),
    colorize: process.stderr.isTTY === true,
  });
  const names = config.cameras.map(({ name }) => name).join(', ');
  log.info(`ghostcam ${VERSION}, node ${config.nodeId}, cameras ${names}`);
  const prerequisites = findPrerequisites(config, log, stateFolder(environment), environment.PATH);
  // The rest of the program is loaded while the model is opened.
  await prerequisites.underWay;
  const { Daemon } = await import('../daemon/daemon.js');
  const daemon = new Daemon(config, prerequisites, log);
  const systemd = new ServiceManager({
    socket: environment.NOTIFY_SOCKET,
    watchdogUsec: environment.WATCHDOG_USEC,
    send: (socket, message) => addon().notifyServiceManager(socket, message),
    log,
  });
  reload = new Reload({
    daemon,
    envFile: config.envFile,
    read: async () => {
      const { config: next, mistakes } = loadConfig(config.envFile, environment);
      return { config: next, mistakes: [...mistakes, ...(await modelMistakes(next, daemon.model))] };
    },
    onStatus: (status) => systemd.status(status),
    log,
  });
  // While the program was loaded.
  if (requested) reload.request();
  const heartbeatFile = heartbeat === undefined ? undefined : new Heartbeat(heartbeat, systemClock, log);
  const watchdog = new Watchdog({
    stuck: () => daemon.stuck(),
    // Three checks fit into the time that systemd waits, so one may be late.
    intervalMs: systemd.watchdogMs === undefined ? WATCH_INTERVAL_MS : systemd.watchdogMs / 3,
    alive: () => {
      systemd.alive();
      heartbeatFile?.beat();
    },
    log,
  });
  try {
    await daemon.start();
    systemd.ready();
    watchdog.start();
    reload.start();
    const name = await signal;
    log.info(`${name}: stopping; a second signal stops at once`);
    void nextSignal().then(() => process.exit(1));
  } finally {
    watchdog.stop();
    systemd.stopping();
    await reload.stop();
    await daemon.stop();
  }
  log.info('stopped');
}
