/** All events that the daemon remembers, by filters. */
import { el, labelled } from './dom.js';
import { EventList } from './event-list.js';
import type { State, View } from './view.js';
import { dayOf } from './words.js';

export function eventsView(state: State): View {
  const list = new EventList();
  const count = el('p', { role: 'status' });
  const camera = el('select');
  const label = el('select');
  const zone = el('select');
  const day = el('input', { type: 'date' });
  let now = state;
  const show = () => {
    const found = now.events.filter(
      (event) =>
        (camera.value === '' || event.camera === camera.value) &&
        (label.value === '' || event.label === label.value) &&
        (zone.value === '' || event.enteredZones.includes(zone.value)) &&
        (day.value === '' || dayOf(event.startedAt) === day.value),
    );
    count.textContent = `${found.length} of ${now.events.length} events`;
    list.update(found, now);
  };
  for (const filter of [camera, label, zone, day]) filter.onchange = show;
  return {
    title: 'Events',
    element: el(
      'div',
      {},
      el('h1', {}, 'Events'),
      el(
        'fieldset',
        { class: 'row' },
        el('legend', {}, 'Show only'),
        labelled('Camera', camera),
        labelled('Label', label),
        labelled('Zone', zone),
        labelled('Day', day),
      ),
      count,
      list.element,
    ),
    watched: {},
    update(newest) {
      now = newest;
      const { cameras, labels } = now.answer;
      const zones = [...new Set(cameras.flatMap((one) => one.zones.map(({ name }) => name)))];
      fill(
        camera,
        cameras.map(({ name, title }) => [name, title]),
      );
      fill(
        label,
        labels.map((name) => [name, name]),
      );
      fill(
        zone,
        zones.map((name) => [name, name]),
      );
      show();
    },
  };
}

function fill(select: HTMLSelectElement, options: [value: string, text: string][]): void {
  const wanted = [['', 'All'], ...options] as [string, string][];
  const there = [...select.options].map((option) => [option.value, option.text]);
  if (JSON.stringify(there) === JSON.stringify(wanted)) return;
  const { value } = select;
  select.replaceChildren(...wanted.map(([name, text]) => el('option', { value: name }, text)));
  select.value = value;
}
