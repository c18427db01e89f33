/** What is said to people. */
import type { CameraView, EventView } from '../api.js';

const PLURALS: Readonly<Record<string, string>> = { person: 'people', bus: 'buses', sheep: 'sheep' };

/** `2 people`. */
export function counted(count: number, label: string): string {
  return `${count} ${count === 1 ? label : (PLURALS[label] ?? `${label}s`)}`;
}

/** What is there now: `1 person, 2 cars`. */
export function presence({ counts }: CameraView): string {
  const there = Object.entries(counts).filter(([, count]) => count > 0);
  return there.length === 0
    ? 'Nothing there'
    : there.map(([label, count]) => counted(count, label)).join(', ');
}

export function stateWords({ state: { state, reason }, settings }: CameraView): string {
  const paused = state === 'online' && !settings.detect;
  const words = { online: 'Online', offline: 'Offline', stalled: 'No picture', disabled: 'Switched off' }[
    state
  ];
  return `${words}${paused ? ', detection paused' : ''}${reason === undefined ? '' : `: ${reason}`}`;
}

export function rateWords({ fpsIn, fpsInferred }: CameraView): string {
  return `${fpsIn.toFixed(1)} frames a second, ${fpsInferred.toFixed(1)} inferred`;
}

/** In the viewer's time zone and language; of today the time alone. */
export function dateAndTime(iso: string): string {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  return today ? at.toLocaleTimeString() : at.toLocaleString();
}

/** The day in the viewer's time zone, as a date field has it: 2026-11-26. */
export function dayOf(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** `Person at Front door, in door`. */
export function eventWords(event: EventView, title: string): string {
  const zones = event.enteredZones.length === 0 ? '' : `, ${event.enteredZones.join(', ')}`;
  return `${event.label[0]?.toUpperCase()}${event.label.slice(1)} at ${title}${zones}`;
}

/** `12 s`, `3 min 5 s`; `still there` before its end. */
export function durationWords({ startedAt, endedAt }: EventView): string {
  if (endedAt === undefined) return 'still there';
  const seconds = Math.round((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Which settings are tried; empty: none. */
export function trialWords({ trial }: CameraView): string {
  return trial.length === 0
    ? ''
    : `Tried until ghostcam is restarted or reloaded, and not in the env file: ${trial.join(', ')}`;
}
