/** Events as a list with pictures; the path of each is shown when it is opened. */
import type { EventView } from '../api.js';
import { el, setText, svg } from './dom.js';
import { snapshotUrl } from './server.js';
import { setShape } from './stage.js';
import { type State, titleOf } from './view.js';
import { dateAndTime, durationWords, eventWords } from './words.js';

interface Item {
  element: HTMLLIElement;
  update(event: EventView, state: State): void;
}

export class EventList {
  readonly element: HTMLElement;
  readonly #list = el('ul', { class: 'events' });
  readonly #empty = el('p', {}, 'No events yet.');
  readonly #items = new Map<string, Item>();

  constructor() {
    this.element = el('div', {}, this.#list, this.#empty);
  }

  /** @param events The newest first. */
  update(events: readonly EventView[], state: State): void {
    const shown = new Set(events.map(({ id }) => id));
    for (const [id, { element }] of this.#items) {
      if (shown.has(id)) continue;
      element.remove();
      this.#items.delete(id);
    }
    let before: Element | null = this.#list.firstElementChild;
    for (const event of events) {
      const item = this.#items.get(event.id) ?? newItem();
      this.#items.set(event.id, item);
      item.update(event, state);
      if (item.element === before) before = before.nextElementSibling;
      else this.#list.insertBefore(item.element, before);
    }
    this.#empty.hidden = events.length > 0;
  }
}

function newItem(): Item {
  const image = el('img', { alt: '', loading: 'lazy' });
  const what = el('strong');
  const when = el('span');
  const how = el('span');
  let newest: [EventView, State] | undefined;
  const open = () => {
    if (newest !== undefined) showEvent(...newest);
  };
  const button = el('button', { type: 'button', onclick: open }, image, what, when, how);
  let picture = '';
  return {
    element: el('li', {}, button),
    update(event, state) {
      newest = [event, state];
      setText(what, eventWords(event, titleOf(state, event.camera)));
      setText(when, dateAndTime(event.startedAt));
      setText(how, `${durationWords(event)}, ${Math.round(event.topScore * 100)} %`);
      const url = event.picture ? snapshotUrl(event.id, event.best.at) : '';
      if (url !== picture) {
        picture = url;
        if (url !== '') image.src = url;
      }
      image.classList.toggle('none', url === '');
    },
  };
}

/** A dialog with the picture, the times and the path of an event. */
function showEvent(event: EventView, state: State): void {
  const { width, height } = event;
  const path = svg('svg', { class: 'overlay', viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
  const points = event.path.map(({ x, y }) => `${x},${y}`).join(' ');
  const [first] = event.path;
  path.append(svg('polyline', { class: 'path', points }));
  if (first !== undefined)
    path.append(svg('circle', { class: 'path', cx: first.x, cy: first.y, r: width / 120 }));
  const image = el('img', { alt: eventWords(event, titleOf(state, event.camera)) });
  const figure = el('div', { class: 'stage' }, image, path);
  setShape(figure, event);
  // A path in the whole picture does not lie on a part of it.
  image.onload = () => {
    const whole = Math.abs(image.naturalWidth / image.naturalHeight - width / height) < 0.02;
    if (!whole) path.remove();
  };
  if (event.picture) image.src = snapshotUrl(event.id, event.best.at);
  else image.remove();
  const heading = el('h2', { id: 'event-title' }, eventWords(event, titleOf(state, event.camera)));
  const facts: [string, string][] = [
    ['Began', new Date(event.startedAt).toLocaleString()],
    ['Ended', event.endedAt === undefined ? 'still there' : new Date(event.endedAt).toLocaleString()],
    ['Zones', event.enteredZones.join(', ') || 'none'],
    ['Best score', `${Math.round(event.topScore * 100)} %`],
    ['Id', event.id],
  ];
  const dialog = el(
    'dialog',
    { 'aria-labelledby': 'event-title', onclose: () => dialog.remove() },
    heading,
    figure,
    el(
      'dl',
      { class: 'facts' },
      ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
    ),
    el('form', { method: 'dialog' }, el('button', {}, 'Close')),
  );
  document.body.append(dialog);
  dialog.showModal();
}
