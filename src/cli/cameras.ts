/** `ghostcam cameras`: finds ONVIF cameras, shows their streams, and prints or writes the settings that watch them. */
import { Address } from '../address/address.js';
import { parseCameraAddress } from '../address/camera.js';
import { AddressError } from '../address/parse.js';
import { cameraLines, type NewCamera } from '../config/env-edit.js';
import { loadConfig } from '../config/load.js';
import { identifier } from '../config/names.js';
import { isCameraName } from '../config/values.js';
import { GhostcamError } from '../errors.js';
import { askDevice } from '../onvif/device.js';
import { discover, localNetworks } from '../onvif/discovery.js';
import { chooseStream } from '../onvif/stream-choice.js';
import type { DeviceAddress, DeviceFacts, FoundDevice, Login, Stream } from '../onvif/types.js';
import { secretsOfLogin } from '../secrets/literals.js';
import { DEFAULT_ENV_FILES, type Environment, resolveEnvFile } from './env-file.js';
import { EXIT } from './exit-codes.js';
import { askUser, canAsk } from './prompt.js';
import { writeCameras } from './write-cameras.js';

export interface CamerasFlags {
  envFile?: string;
  write?: true;
  username?: string;
  network?: string;
  /** Seconds. */
  wait: number;
}

/** How often a wrong password may be typed anew. */
const LOGIN_ATTEMPTS = 3;

/** Returns the exit code: 1 when no camera was found, or one was found and cannot be used. */
export async function cameras(
  hosts: readonly string[],
  flags: CamerasFlags,
  environment: Environment,
): Promise<number> {
  const devices = hosts.length > 0 ? hosts.map(deviceAt) : await search(flags);
  if (devices.length === 0) return EXIT.failure;
  const path = resolveEnvFile(flags.envFile);
  const { config } = loadConfig(path, environment);
  const known = config.cameras.map(({ name, url }) => ({ name, url }));
  const names = new Set(known.map(({ name }) => name));
  let login = givenLogin(flags, environment) ?? (await askLogin());
  let failed = 0;
  const added: NewCamera[] = [];
  for (const device of devices) {
    try {
      const answer = await askWithLogin(device, login);
      login = answer.login;
      const chosen = chooseStream(answer.facts.streams);
      printDevice(device, answer.facts, chosen);
      if (chosen === undefined) continue;
      const url = addressOf(device, chosen);
      const same = known.find((each) => isSameStream(each.url, url));
      if (same !== undefined) {
        console.log(`    is the camera ${same.name} already`);
        continue;
      }
      const name = freeName(device.name ?? answer.facts.model, names);
      names.add(name);
      added.push({ name, settings: { URL: url.href(), ...credentialSettings(answer.login) } });
    } catch (error) {
      if (!(error instanceof GhostcamError || error instanceof AddressError)) throw error;
      failed += 1;
      const remedy = error instanceof GhostcamError ? error.remedy : undefined;
      console.log(`${place(device)}  ${error.message}${remedy === undefined ? '' : `\n    -> ${remedy}`}`);
    }
  }
  if (added.length > 0) {
    if (flags.write) writeCameras(path ?? (DEFAULT_ENV_FILES[0] as string), added);
    else printSettings(added, [...known.map(({ name }) => name), ...added.map(({ name }) => name)]);
  }
  return failed > 0 ? EXIT.failure : EXIT.ok;
}

async function search({ network, wait }: CamerasFlags): Promise<FoundDevice[]> {
  const networks = localNetworks(network);
  const shown = networks.map(({ name, address }) => `${name} (${address})`).join(', ');
  console.log(`Searching for ONVIF cameras on ${shown}, ${wait} s`);
  const devices = await discover(networks, 1000 * wait);
  if (devices.length > 0) return devices;
  console.log(
    'None answered. Some cameras have ONVIF switched off at first: see their page. One in another network is asked by its address: ' +
      'ghostcam cameras 192.168.2.20. Or write its address by hand: docs/cameras.md',
  );
  return [];
}

/** `192.168.1.20`, `camera.local:8000`. @throws GhostcamError CONFIG */
function deviceAt(text: string): FoundDevice {
  try {
    const { scheme, host, port, path } = parseCameraAddress(
      /^https?:\/\//.test(text) ? text : `http://${text}`,
    );
    const secure = scheme === 'https';
    const servicePath = path.length > 1 ? path : '/onvif/device_service';
    return { host, port: port ?? (secure ? 443 : 80), path: servicePath, secure, name: undefined };
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new GhostcamError('CONFIG', `${JSON.stringify(text.slice(0, 80))} is no HOST or HOST:PORT`, {
      remedy: 'such as 192.168.1.20, or 192.168.1.20:8000',
    });
  }
}

function givenLogin({ username }: CamerasFlags, environment: Environment): Login | undefined {
  const name = username ?? environment.CAMERA_USERNAME;
  const password = environment.CAMERA_PASSWORD;
  return name === undefined || password === undefined ? undefined : { username: name, password };
}

/** Undefined: there is nobody to ask, or the cameras want no login. */
async function askLogin(): Promise<Login | undefined> {
  if (!canAsk()) return undefined;
  const username = await askUser('User name at the cameras (empty: none): ');
  if (username === '') return undefined;
  return { username, password: await askUser('Password: ', { hidden: true }) };
}

/** Asks for another login where this one is refused and somebody is there. */
async function askWithLogin(
  device: DeviceAddress,
  login: Login | undefined,
): Promise<{ facts: DeviceFacts; login: Login | undefined }> {
  let tried = login;
  for (let attempt = 1; ; attempt++) {
    try {
      return { facts: await askDevice(device, tried), login: tried };
    } catch (error) {
      const isRefused = error instanceof GhostcamError && error.code === 'CAMERA_LOGIN';
      if (!isRefused || !canAsk() || attempt === LOGIN_ATTEMPTS) throw error;
      process.stderr.write(`${place(device)} ${error.message}\n`);
      const other = await askLogin();
      if (other === undefined) throw error;
      tried = other;
    }
  }
}

function place({ host, port }: DeviceAddress): string {
  return port === 80 ? host : `${host}:${port}`;
}

function printDevice(device: FoundDevice, { maker, model, streams }: DeviceFacts, chosen?: Stream): void {
  const title = [maker, model].filter((part) => part !== '').join(' ');
  const name = device.name === undefined ? '' : `  "${device.name}"`;
  console.log(`${place(device)}  ${title || 'a camera'}${name}`);
  if (streams.length === 0) console.log('    has no video stream');
  for (const stream of streams) {
    const size = stream.width > 0 ? `${stream.width} x ${stream.height}` : 'size unknown';
    const rate = stream.fps > 0 ? `${stream.fps} frames/s` : '';
    const mark = stream === chosen ? '->' : '  ';
    console.log(
      `  ${mark} ${stream.name.padEnd(20)} ${size.padEnd(12)} ${stream.codec.padEnd(5)} ${rate}`.trimEnd(),
    );
  }
}

/** Where the stream is for whoever reached the device: a device behind a router names a host that only its own network knows. */
function addressOf({ host }: DeviceAddress, { url }: Stream): Address {
  const parsed = parseCameraAddress(url);
  if (parsed.host === '') throw new AddressError('its stream has no address');
  return new Address({ ...parsed, host, username: undefined, password: undefined });
}

function isSameStream(a: Address, b: Address): boolean {
  const parts = ({ scheme, host, port = 554, path, query }: Address) =>
    [scheme, host, port, path, query].join(' ');
  return parts(a) === parts(b);
}

function credentialSettings(login: Login | undefined): NewCamera['settings'] {
  return login === undefined ? {} : { USERNAME: login.username, PASSWORD: login.password };
}

/** A name of a camera that is not taken: `Front door` -> `front_door`, `front_door_2`. */
function freeName(title: string, taken: ReadonlySet<string>): string {
  const wanted = identifier(title.toLowerCase()).slice(0, 32);
  const name = isCameraName(wanted) ? wanted : 'camera';
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}_${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** For an env file, except for what is secret. */
function printSettings(added: readonly NewCamera[], names: readonly string[]): void {
  console.log(`\nFor the env file (--write appends it, with the password):\n\nCAMERAS=${names.join(',')}`);
  for (const { name, settings } of added) {
    const { URL: url = '', USERNAME: username, PASSWORD: password } = settings;
    const isSecret = secretsOfLogin({ username, password }).some((secret) => url.includes(secret));
    const { PASSWORD: _, ...shown } = settings;
    const visible = isSecret ? { ...shown, URL: parseCameraAddress(url).display() } : shown;
    console.log(`\n${cameraLines({ name, settings: visible }).join('\n')}`);
    if (isSecret) console.log('# the address holds the password: --write writes it whole');
    if (password !== undefined) console.log(`${cameraLines({ name, settings: { PASSWORD: '' } })[0]}`);
  }
}
