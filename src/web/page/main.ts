/** The page: one view at a time, named by the part of the address after #. */
import type { EventView } from '../api.js';
import { cameraView } from './camera.js';
import { el, setText } from './dom.js';
import { editorView } from './editor.js';
import { eventsView } from './events.js';
import { Live } from './live.js';
import { loginView } from './login.js';
import { overview } from './overview.js';
import { getCameras, getEvents, LoginNeeded, logout } from './server.js';
import { cameraOf, type State, type View } from './view.js';

const MAX_EVENTS = 500;

const content = document.getElementById('content') as HTMLElement;
const connection = document.getElementById('connection') as HTMLElement;
const node = document.getElementById('node') as HTMLElement;
const leave = document.getElementById('logout') as HTMLButtonElement;

let state: State | undefined;
let view: View | undefined;
let hash = location.hash;

const live = new Live({
  onCameras(answer) {
    change({ answer, events: state?.events ?? [] });
  },
  onEvent(event) {
    if (state !== undefined) change({ ...state, events: merged(state.events, [event]) });
  },
  onPicture(picture) {
    view?.show?.(picture);
  },
  onState(now) {
    setText(connection, now === 'connected' ? '' : 'No connection to ghostcam: trying again.');
    // What happened meanwhile is asked for; who may not see it any more is asked for the password.
    if (now !== 'lost') void load();
  },
});

async function load(): Promise<void> {
  try {
    const [answer, { events }] = await Promise.all([getCameras(), getEvents()]);
    change({ answer, events });
    if (view === undefined) route();
  } catch (error) {
    report(error);
  }
}

function change(now: State): void {
  state = now;
  setText(node, now.answer.node);
  leave.hidden = !now.answer.login;
  if (view === undefined) return;
  const before = JSON.stringify(view.watched);
  view.update(now);
  if (JSON.stringify(view.watched) !== before) live.watch(view.watched, view.motion);
}

/** The newest first, each once. */
function merged(old: readonly EventView[], changed: readonly EventView[]): EventView[] {
  const byId = new Map([...old, ...changed].map((event) => [event.id, event]));
  const events = [...byId.values()].sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
  return events.slice(0, MAX_EVENTS);
}

function report(error: unknown): void {
  if (error instanceof LoginNeeded) askPassword();
  else setText(connection, error instanceof Error ? error.message : String(error));
}

function askPassword(): void {
  if (content.querySelector('form.login') !== null) return;
  live.close();
  view = undefined;
  leave.hidden = true;
  setText(connection, '');
  const form = loginView(() => {
    content.replaceChildren();
    live.open();
  });
  content.replaceChildren(form);
  document.title = 'Log in - ghostcam';
  form.querySelector('input')?.focus();
}

function route(): void {
  if (state === undefined) return;
  hash = location.hash;
  const focus = view !== undefined;
  view = viewOf(state, hash);
  content.replaceChildren(view.element);
  document.title = `${view.title} - ghostcam`;
  live.watch(view.watched, view.motion);
  for (const link of document.querySelectorAll<HTMLAnchorElement>('nav a')) {
    const current = link.getAttribute('href') === (hash || '#/');
    if (current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (focus) content.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function viewOf(now: State, address: string): View {
  const [, page, name = '', action] = address.split('/');
  const camera = page === 'camera' ? cameraOf(now, name) : undefined;
  if (camera !== undefined && action === 'edit') return editorView(now, camera, report);
  if (camera !== undefined)
    return cameraView(now, camera, report, () => view && live.watch(view.watched, view.motion));
  if (page === 'events') {
    const events = eventsView(now);
    events.update(now);
    return events;
  }
  if (page === undefined || page === '') return overview(now);
  const element = el(
    'div',
    {},
    el('h1', {}, 'There is no such page'),
    el('p', {}, el('a', { href: '#/' }, 'All cameras')),
  );
  return { title: 'Not found', element, watched: {}, update: () => {} };
}

leave.onclick = async () => {
  await logout();
  askPassword();
};
addEventListener('hashchange', () => {
  // The link over the header leads to a part of the page, and no other page.
  if (location.hash === '#content') {
    history.replaceState(null, '', hash || '#/');
    content.focus();
  } else route();
});
live.open();
