// Starts ghostcam as an add-on of Home Assistant: the add-on's options and the Supervisor's broker become its settings.
// Usage: node run.mjs      (in the add-on's container, whose environment holds SUPERVISOR_TOKEN)
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';

const {
  SUPERVISOR_TOKEN = '',
  // As the Supervisor sets them up; others in tests.
  SUPERVISOR_API = 'http://supervisor',
  ADDON_OPTIONS = '/data/options.json',
  GHOSTCAM = '/opt/ghostcam/ghostcam',
} = process.env;
/** The folder that outlasts the container, for what a start of the daemon has found out. */
const STATE = dirname(ADDON_OPTIONS);
/** config.yaml's ingress_port. */
const PAGE = '0.0.0.0:8970';

class AddonError extends Error {}

/** The add-on's options, which the Supervisor has compared with config.yaml's schema. */
function readOptions() {
  try {
    return JSON.parse(readFileSync(ADDON_OPTIONS, 'utf8'));
  } catch (error) {
    throw new AddonError(`the options cannot be read: ${error.message}`);
  }
}

/** The broker that Home Assistant uses: https://developers.home-assistant.io/docs/api/supervisor/endpoints#service */
async function askForBroker() {
  const headers = { authorization: `Bearer ${SUPERVISOR_TOKEN}` };
  let answer;
  try {
    const signal = AbortSignal.timeout(30_000);
    answer = await (await fetch(`${SUPERVISOR_API}/services/mqtt`, { headers, signal })).json();
  } catch (error) {
    throw new AddonError(`the Supervisor does not say which broker there is: ${error.cause?.message ?? error.message}`);
  }
  const { result, message, data } = answer;
  if (result !== 'ok' || typeof data?.host !== 'string') {
    throw new AddonError(
      `Home Assistant has no MQTT broker${message ? ` (${message})` : ''}: install the Mosquitto broker add-on, then start this one again`,
    );
  }
  return data;
}

/** ghostcam's settings, by the names of its env file. */
function settingsOf(options, { host, port, ssl, username, password }) {
  const settings = {
    NODE_ID: options.node_id,
    LOG_LEVEL: options.log_level,
    MQTT_URL: `${ssl ? 'mqtts' : 'mqtt'}://${host}:${port}`,
    MQTT_USERNAME: username,
    MQTT_PASSWORD: password,
    CAMERAS: options.cameras.map(({ name }) => name).join(','),
  };
  for (const { name, ...camera } of options.cameras) {
    for (const [setting, value] of Object.entries(camera)) {
      settings[`CAMERA_${name.toUpperCase()}_${setting.toUpperCase()}`] = String(value);
    }
  }
  // Ingress reaches the page from another container, which is another machine to it, and shows it in a frame of Home Assistant's own.
  if (options.page_password) {
    Object.assign(settings, { WEB: PAGE, WEB_PASSWORD: options.page_password, WEB_FRAME_ANCESTORS: 'self' });
  }
  for (const line of options.settings ?? []) {
    const equals = line.indexOf('=');
    settings[line.slice(0, equals)] = line.slice(equals + 1);
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined && value !== ''));
}

try {
  const options = readOptions();
  if (options.cameras.length === 0) throw new AddonError('there is no camera yet: add one on the Configuration tab');
  const settings = settingsOf(options, await askForBroker());
  const { PATH, HOME, TZ } = process.env;
  const env = { PATH, HOME, TZ, XDG_STATE_HOME: STATE, ...settings };
  const daemon = spawn(GHOSTCAM, ['run'], { env, stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => daemon.kill(signal));
  daemon.on('error', ({ message }) => {
    console.error(`ghostcam does not start: ${message}`);
    process.exitCode = 1;
  });
  daemon.on('close', (code) => {
    process.exitCode = code ?? 1;
  });
} catch (error) {
  if (!(error instanceof AddonError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
