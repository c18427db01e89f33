/** All cameras, and the newest events. */
import type { CameraView } from '../api.js';
import { el, setText } from './dom.js';
import { EventList } from './event-list.js';
import { storedLayers } from './layers.js';
import { Stage } from './stage.js';
import type { State, View } from './view.js';
import { presence, rateWords, stateWords } from './words.js';

/** Pictures a second of each camera. */
const FPS = 0.5;
const EVENTS = 12;

interface Card {
  element: HTMLElement;
  stage: Stage;
  update(camera: CameraView): void;
}

export function overview(state: State): View {
  const cards = new Map<string, Card>();
  const grid = el('div', { class: 'grid' });
  const events = new EventList();
  const element = el(
    'div',
    {},
    el('h1', {}, 'Cameras'),
    grid,
    el(
      'section',
      { 'aria-labelledby': 'newest' },
      el('h2', { id: 'newest' }, 'Newest events'),
      events.element,
    ),
  );
  const view: View = {
    title: 'Cameras',
    element,
    watched: {},
    update(now) {
      view.watched = {};
      const { cameras } = now.answer;
      for (const camera of cameras) {
        let card = cards.get(camera.name);
        if (card === undefined) {
          card = newCard(camera);
          cards.set(camera.name, card);
          grid.append(card.element);
        }
        card.update(camera);
        view.watched[camera.name] = FPS;
      }
      for (const [name, card] of cards) {
        if (cameras.some((camera) => camera.name === name)) continue;
        card.element.remove();
        cards.delete(name);
      }
      events.update(now.events.slice(0, EVENTS), now);
    },
    show(picture) {
      cards.get(picture.header.camera)?.stage.show(picture);
    },
  };
  view.update(state);
  return view;
}

function newCard(camera: CameraView): Card {
  const stage = new Stage(camera, storedLayers());
  const status = el('p', { class: 'state' });
  const there = el('p', { class: 'presence' });
  const rate = el('p', { class: 'rate' });
  const link = el('a', { href: `#/camera/${camera.name}` }, camera.title);
  const element = el('article', { class: 'card' }, stage.element, el('h2', {}, link), there, status, rate);
  return {
    element,
    stage,
    update(now) {
      stage.update(now);
      setText(link, now.title);
      setText(there, presence(now));
      setText(status, stateWords(now));
      setText(rate, rateWords(now));
      element.dataset.state = now.state.state;
    },
  };
}
