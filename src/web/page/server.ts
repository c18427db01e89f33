/** Requests to the daemon. All addresses are relative, so that the page works below any path. */
import type { CamerasAnswer, ErrorAnswer, EventsAnswer, SettingsRequest, TrialRequest } from '../api.js';

/** The session has ended, or there was none. */
export class LoginNeeded extends Error {}

/** A request that was refused, in words for people. */
export class Refused extends Error {}

export async function getCameras(): Promise<CamerasAnswer> {
  return (await ask('api/cameras')).json();
}

export async function getEvents(): Promise<EventsAnswer> {
  return (await ask('api/events')).json();
}

export async function changeSettings(camera: string, settings: SettingsRequest): Promise<void> {
  await post(`api/cameras/${encodeURIComponent(camera)}/settings`, settings);
}

/** The lines hold at once, until the settings are read anew. Rejects with {@link Refused} where one is wrong. */
export async function tryLines(camera: string, lines: string): Promise<void> {
  await post(trialUrl(camera), { lines } satisfies TrialRequest);
}

/** The camera is again as its settings were read. */
export async function endTrial(camera: string): Promise<void> {
  await checked(await fetch(trialUrl(camera), { method: 'DELETE' }));
}

export async function login(password: string): Promise<void> {
  const response = await send('login', { password });
  if (!response.ok) throw new Refused(await words(response));
}

export async function logout(): Promise<void> {
  await fetch('logout', { method: 'POST' });
}

/** Where the picture of an event is; another one after each change. */
export function snapshotUrl(id: string, version: string): string {
  return `api/events/${encodeURIComponent(id)}/snapshot.jpg?at=${encodeURIComponent(version)}`;
}

/** Where the WebSocket is. */
export function liveUrl(): string {
  const url = new URL('live', document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  url.hash = '';
  return url.href;
}

function trialUrl(camera: string): string {
  return `api/cameras/${encodeURIComponent(camera)}/trial`;
}

function send(path: string, body: unknown): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function post(path: string, body: unknown): Promise<void> {
  await checked(await send(path, body));
}

async function ask(path: string): Promise<Response> {
  return checked(await fetch(path));
}

async function checked(response: Response): Promise<Response> {
  if (response.status === 401) throw new LoginNeeded();
  if (!response.ok) throw new Refused(await words(response));
  return response;
}

async function words(response: Response): Promise<string> {
  const answer: Partial<ErrorAnswer> = await response.json().catch(() => ({}));
  const { error = `the server answered ${response.status}`, remedy } = answer;
  const sentence = remedy === undefined ? error : `${error}; ${remedy}`;
  return sentence.replace(/^[a-z]/, (first) => first.toUpperCase());
}
