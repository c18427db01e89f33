/**
 * Asks one device for its streams, on a thread of its own: the ONVIF library throws where nobody can catch it when a device
 * answers nonsense, and keeps any answer in memory, however long.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Cam } from 'onvif';
import { escapeXml } from '../xml.js';
import { plainText } from './text.js';
import type { DeviceAddress, DeviceFacts, Login, Stream } from './types.js';

export interface DeviceRequest {
  device: DeviceAddress;
  login: Login | undefined;
  timeoutMs: number;
}

export type DeviceAnswer = { facts: DeviceFacts } | { error: string };

interface Profile {
  $?: { token?: unknown };
  name?: unknown;
  videoEncoderConfiguration?: {
    encoding?: unknown;
    resolution?: { width?: unknown; height?: unknown };
    rateControl?: { frameRateLimit?: unknown };
  };
}

/** Media profiles of one device that are asked for. */
const MAX_PROFILES = 32;

async function ask({ device, login, timeoutMs }: DeviceRequest): Promise<DeviceFacts> {
  const { host: hostname, port, path, secure: useSecure } = device;
  const camera = new Cam({
    hostname,
    port,
    path,
    useSecure,
    // Cameras sign their certificates themselves, and what is asked for here is shown to whoever asks.
    secureOpts: { rejectUnauthorized: false },
    timeout: timeoutMs,
    autoconnect: false,
    preserveAddress: true,
    // The library puts the name into XML as it is.
    ...(login === undefined ? {} : { ...login, username: escapeXml(login.username) }),
  });
  await call((done) => camera.connect(done));
  const facts = await call<{ manufacturer?: unknown; model?: unknown }>((done) =>
    camera.getDeviceInformation(done),
  );
  const streams: Stream[] = [];
  const profiles = [camera.profiles ?? []].flat() as unknown as Profile[];
  for (const profile of profiles.slice(0, MAX_PROFILES)) {
    const profileToken = profile.$?.token;
    const encoder = profile.videoEncoderConfiguration;
    if (encoder === undefined || profileToken === undefined) continue;
    const uri = await call<{ uri?: unknown }>((done) =>
      camera.getStreamUri({ protocol: 'RTSP', profileToken: String(profileToken) }, done),
    );
    if (typeof uri?.uri !== 'string') continue;
    streams.push({
      name: plainText(profile.name) || plainText(profileToken),
      url: uri.uri,
      width: numberOf(encoder.resolution?.width),
      height: numberOf(encoder.resolution?.height),
      codec: plainText(encoder.encoding),
      fps: numberOf(encoder.rateControl?.frameRateLimit),
    });
  }
  return { maker: plainText(facts?.manufacturer), model: plainText(facts?.model), streams };
}

/** The result of a function that takes a callback; rejects with the callback's error. */
function call<T>(
  start: (done: (error: Error | null | false, result?: T) => void) => void,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error ? reject(error) : resolve(result)));
  });
}

function numberOf(value: unknown): number {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? number : 0;
}

const answer: DeviceAnswer = await ask(workerData as DeviceRequest).then(
  (facts) => ({ facts }),
  (error: unknown) => ({ error: plainText(error instanceof Error ? error.message : String(error)) }),
);
parentPort?.postMessage(answer);
