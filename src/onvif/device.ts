/** What a device says of itself and its streams: ONVIF's device and media services (profiles S and T). */
import { Worker } from 'node:worker_threads';
import { GhostcamError } from '../errors.js';
import type { DeviceAnswer, DeviceRequest } from './device-worker.js';
import type { DeviceAddress, DeviceFacts, Login } from './types.js';

/** For a device with many profiles, each of which is a request. */
const TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 8000;
/** An answer of more memory ends the thread, not the program. */
const MAX_MEMORY_MB = 128;

const REFUSED = /not ?authorized|unauthorized|authentication|password|40[013]/i;
const UNREACHABLE = /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ECONNRESET|timeout|hang up/i;

/** Rejects with CAMERA_LOGIN where user name or password are refused or missing, else with CAMERA. */
export async function askDevice(device: DeviceAddress, login: Login | undefined): Promise<DeviceFacts> {
  const request: DeviceRequest = { device, login, timeoutMs: REQUEST_TIMEOUT_MS };
  const answer = await inThread(request);
  if ('facts' in answer) return answer.facts;
  const { error } = answer;
  if (REFUSED.test(error)) {
    const problem =
      login === undefined ? 'wants a user name and a password' : 'refused user name or password';
    throw new GhostcamError('CAMERA_LOGIN', problem, {
      remedy: 'some cameras have users of their own for ONVIF: look for one on its page',
    });
  }
  throw new GhostcamError(
    'CAMERA',
    UNREACHABLE.test(error) ? 'does not answer' : 'answers what is no ONVIF',
    {
      remedy: 'switch ONVIF on, on its page, or write its address by hand: docs/cameras.md',
    },
  );
}

function inThread(request: DeviceRequest): Promise<DeviceAnswer> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('device-worker.js', import.meta.url), {
      workerData: request,
      resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
    });
    const end = (answer: DeviceAnswer) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(answer);
    };
    const timer = setTimeout(end, TIMEOUT_MS, { error: 'timeout' });
    worker.once('message', end);
    worker.once('error', () => end({ error: 'it cannot be read' }));
    worker.once('exit', () => end({ error: 'it cannot be read' }));
  });
}
