/** The daemon in a real Home Assistant. Each check goes on from where the one before has left the house. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { DiscoveryMessage } from '../../src/homeassistant/component.js';
import { EnvFile } from '../support/env-file.js';
import { pedestrians } from '../support/footage.js';
import { Daemon, ghostcam } from '../support/ghostcam.js';
import { Mosquitto } from '../support/mosquitto.js';
import { entitiesOf, entityId } from './entity-id.js';
import { Hass } from './hass.js';

const SOON = { timeout: 60_000, interval: 200 };
const FRONT = 'homeassistant/device/ghostcam_board_front/config';
/** The yard has people who walk, some of them in the zone, and two parked cars. */
const YARD = {
  CAMERA_YARD_LABELS: 'person,car',
  CAMERA_YARD_TITLE: 'Yard, north',
  CAMERA_YARD_ZONES: 'path (person): 0,0.4 1,0.4 1,1 0,1; lot: 0,0 0.5,0 0.5,0.4 0,0.4',
};
const ALL = { ...YARD, CAMERAS: 'front,off,yard', CAMERA_OFF_ENABLED: 'false' };
/** The rest is without the yard, for its frames cost time. */
const BOTH = { CAMERAS: 'front,off', CAMERA_OFF_ENABLED: 'false' };
const cleanUp: (() => unknown)[] = [];

let broker: Mosquitto;
let user: MqttClient;
/** Retained messages, as far as they have come by. */
const newest = new Map<string, string>();
/** The whole history of what is not JSON, and the events of the yard's persons that began in time. */
const history: [topic: string, payload: string][] = [];
const came: string[] = [];
/** What was sent to the phone. */
const pushed: { title: string; message: string; data: { image: string; tag: string } }[] = [];
let daemon: Daemon;
let file: EnvFile;
let hass: Hass;
let footage: string;
let hotBoard: string[];

beforeAll(async () => {
  const root = process.env.HOMEASSISTANT_ROOT;
  if (root === undefined) throw new Error('run this through test/homeassistant/run.sh');
  broker = await Mosquitto.start();
  cleanUp.push(() => broker.dispose());
  user = await connectAsync(broker.url);
  cleanUp.push(() => user.endAsync(true));
  user.on('message', (topic, payload) => {
    const text = payload.toString();
    newest.set(topic, text);
    if (!text.startsWith('{') && text.length < 100) history.push([topic, text]);
    if (topic === 'ghostcam/board/yard/events') {
      const { type, label, id, late } = JSON.parse(text);
      if (type === 'new' && label === 'person' && late === undefined) came.push(id);
    }
  });
  await user.subscribeAsync('#');
  hass = await Hass.start(root);
  cleanUp.push(() => hass.dispose());
  const phone = await phoneServer();
  cleanUp.push(() => phone.close());
  await hass.addMqtt(broker.port);
  await hass.addPhone('phone', `http://127.0.0.1:${(phone.address() as AddressInfo).port}/`);
  await hass.configure(readFileSync('deploy/examples/home-assistant.yaml', 'utf8'));
  footage = await pedestrians();
  file = new EnvFile({});
  cleanUp.push(() => file[Symbol.dispose]());
  hotBoard = await boardOf('61234', '0x50005');
  await hass.call('automation.reload', {});
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.log(hass.log.slice(-5000));
});
afterAll(async () => {
  for (const step of cleanUp.reverse()) await step();
});

async function phoneServer(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = await request.toArray();
    pushed.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(201, { 'Content-Type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A program that shows the one that it starts a Raspberry Pi's files in /sys. */
async function boardOf(temperature: string, throttled: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-board-'));
  cleanUp.push(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'thermal/thermal_zone0'), { recursive: true });
  await writeFile(join(folder, 'thermal/thermal_zone0/temp'), `${temperature}\n`);
  await mkdir(join(folder, 'platform/soc/soc:firmware'), { recursive: true });
  await writeFile(join(folder, 'platform/soc/soc:firmware/get_throttled'), `${throttled}\n`);
  const mounts = [
    'mount --bind "$0/thermal" /sys/class/thermal',
    'mount --bind "$0/platform" /sys/devices/platform',
  ];
  return ['unshare', '--mount', 'sh', '-ec', `${mounts.join('; ')}; exec "$@"`, folder];
}

function write(settings: Record<string, string>): void {
  file.write({
    CAMERA_URL: resolve('assets/demo/footage.mp4'),
    ...(settings.CAMERAS?.includes('yard') && { CAMERA_YARD_URL: footage }),
    NODE_ID: 'board',
    MQTT_URL: broker.url,
    ...settings,
  });
}

async function restart(settings: Record<string, string>): Promise<void> {
  await daemon?.stop('SIGTERM');
  write(settings);
  daemon = new Daemon({}, ['run', '--env-file', file.path], hotBoard);
  const mine = daemon;
  cleanUp.push(() => mine.kill());
}

/** @returns What was logged of it. */
function reload(settings: Record<string, string>): Promise<string> {
  write(settings);
  return file.reload(daemon);
}

const becomes = (entity: string, state: unknown) =>
  vi.waitFor(async () => expect((await hass.state(entity))?.state, entity).toEqual(state), SOON);

const messages = () =>
  [...newest].filter(([topic, payload]) => topic.startsWith('homeassistant/device/') && payload !== '');

/** What is expected of Home Assistant, from the messages: entity ids, and which of them are disabled. */
function expectedEntities() {
  return messages().flatMap(([, payload]) => {
    const message = JSON.parse(payload) as DiscoveryMessage;
    return entitiesOf(message).map(({ p, name, unique_id, enabled_by_default }) => ({
      entity_id: entityId(p, message.dev.name, name),
      unique_id,
      disabled_by: enabled_by_default === false ? 'integration' : null,
    }));
  });
}

const byId = (a: { unique_id: string }, b: { unique_id: string }) => (a.unique_id < b.unique_id ? -1 : 1);

/** Waits until Home Assistant has exactly the entities that the messages announce. */
const entitiesAgree = () =>
  vi.waitFor(async () => {
    const registered = (await hass.registry()).map(({ entity_id, unique_id, disabled_by }) => ({
      entity_id,
      unique_id,
      disabled_by,
    }));
    expect(registered.sort(byId)).toEqual(expectedEntities().sort(byId));
  }, SOON);

test('all entities that are announced appear, called as documented, disabled where it says so', async () => {
  await restart(ALL);
  await vi.waitFor(() => expect(messages()).toHaveLength(4), SOON);
  await entitiesAgree();
  expect(expectedEntities().length).toBeGreaterThan(150);
});

test('its own schemas have no objection, nor do they ignore anything', async () => {
  const schema = readFileSync('test/homeassistant/discovery.schema.json', 'utf8');
  const texts = messages().map(([, payload]) => payload);
  expect(await hass.validate(texts, schema)).toBe('');
  const misspelt = (texts[1] as string).replace('"state_topic"', '"state_topik"');
  expect(await hass.validate([misspelt], schema)).not.toBe('');
});

test('the devices: names, version, and the board that the cameras are reached through', async () => {
  const of = (entity: string, attribute: string) =>
    hass.render(`{{ device_attr('${entity}', '${attribute}') }}`);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await of('switch.front_detect', 'name')).toBe('Front');
  expect(await of('switch.front_detect', 'sw_version')).toBe(version);
  expect(await of('binary_sensor.ghostcam_board_connection', 'name')).toBe('ghostcam board');
  const board = await hass.render(`{{ device_id('binary_sensor.ghostcam_board_connection') }}`);
  expect(await of('switch.front_detect', 'via_device_id')).toBe(board);
});

test('states: what the camera sees, and that a camera which is off can be switched on', async () => {
  await becomes('sensor.front_status', 'online');
  await becomes('binary_sensor.ghostcam_board_connection', 'on');
  await becomes('binary_sensor.front_person_occupancy', 'on');
  await becomes('binary_sensor.front_motion', 'on');
  await becomes('binary_sensor.front_car_occupancy', 'off');
  await becomes('sensor.front_car_count', '0');
  await becomes('sensor.off_status', 'disabled');
  await becomes('binary_sensor.off_person_occupancy', 'unavailable');
  await becomes('switch.off_enabled', 'off');
  const inference = await hass.state('sensor.ghostcam_board_inference_time');
  expect(Number(inference?.state)).toBeGreaterThan(0);
  expect(inference?.attributes).toMatchObject({
    cameras: ['front', 'off', 'yard'],
    unit_of_measurement: 'ms',
  });
});

test('movement, zones and all labels: the yard has two parked cars, and people who walk on the path', async () => {
  await becomes('binary_sensor.yard_north_path_person_occupancy', 'on');
  await becomes('binary_sensor.yard_north_path_person_moving', 'on');
  await becomes('sensor.yard_north_path_person_count', expect.stringMatching(/^[1-9]$/));
  await becomes('binary_sensor.yard_north_person_moving', 'on');
  await becomes('sensor.yard_north_car_count', '2');
  await becomes('binary_sensor.yard_north_lot_car_occupancy', expect.stringMatching(/^o(n|ff)$/));
  await becomes('binary_sensor.yard_north_car_occupancy', 'on');
  // Ten seconds after they were seen first they are known to be parked.
  await becomes('binary_sensor.yard_north_car_moving', 'off');
  await becomes('sensor.yard_north_all_count', expect.stringMatching(/^[2-9]$/));
  await becomes('binary_sensor.yard_north_all_occupancy', 'on');
  expect(await hass.state('sensor.yard_north_path_car_count')).toBeUndefined();
  // What is shown is what was published, also when it has changed meanwhile.
  const shown = async () =>
    Promise.all(
      ['person', 'car', 'all'].map(
        async (label) => (await hass.state(`sensor.yard_north_${label}_count`))?.state,
      ),
    );
  const published = () =>
    ['person', 'car', 'all'].map((label) => newest.get(`ghostcam/board/yard/${label}/count`));
  await vi.waitFor(async () => {
    const before = published();
    expect(await shown()).toEqual(before);
    expect(published()).toEqual(before);
  }, SOON);
});

test('events: somebody came, and somebody entered the path', async () => {
  for (const entity of ['event.yard_north_detection', 'event.yard_north_path_detection']) {
    await vi.waitFor(async () => {
      const { state = '', attributes } = (await hass.state(entity)) ?? {};
      expect(state).toMatch(/^\d{4}-/);
      expect(attributes).toMatchObject({
        event_type: expect.stringMatching(/^(person|car)$/),
        id: expect.stringMatching(/^[a-z0-9]+-[a-z0-9]+$/),
        score: expect.any(Number),
        zones: expect.any(Array),
      });
    }, SOON);
  }
  const path = await hass.state('event.yard_north_path_detection');
  expect(path?.attributes).toMatchObject({ event_types: ['person'], zones: ['path'] });
});

test('the board: how warm it is, whether it is slowed down, memory, and frames a second', async () => {
  await becomes('sensor.ghostcam_board_temperature', '61.2');
  await becomes('binary_sensor.ghostcam_board_throttled', 'on');
  for (const name of ['memory', 'memory_use', 'inferred_frames']) {
    await vi.waitFor(
      async () =>
        expect(Number((await hass.state(`sensor.ghostcam_board_${name}`))?.state)).toBeGreaterThan(0),
      SOON,
    );
  }
});

test('the blueprint and a device trigger: once for each person', async () => {
  const blueprint = readFileSync('deploy/homeassistant/blueprints/notify.yaml', 'utf8');
  await hass.write('blueprints/automation/ghostcam/notify.yaml', blueprint);
  const phone = await hass.render("{{ device_id('phone') }}");
  const yard = await hass.render("{{ device_id('event.yard_north_detection') }}");
  await hass.configure('automation yard: !include yard.yaml\n');
  await hass.write(
    'yard.yaml',
    `
- id: blueprint
  use_blueprint:
    path: ghostcam/notify.yaml
    input:
      detection: event.yard_north_detection
      picture: image.yard_north_person
      phone: ${phone}
- id: trigger
  mode: parallel
  max: 100
  triggers:
    - trigger: device
      domain: mqtt
      device_id: ${yard}
      type: came
      subtype: person
  actions:
    - action: mqtt.publish
      data:
        topic: test/came
        payload: "{{ trigger.payload_json.id }}"
`,
  );
  await hass.call('automation.reload', {});
  const triggered: string[] = [];
  user.on('message', (topic, payload) => {
    if (topic === 'test/came') triggered.push(payload.toString());
  });
  const ofYard = () => pushed.filter(({ title }) => title === 'Yard, north').map(({ data }) => data.tag);
  // Those that began while automations were reloaded are not to be had.
  await vi.waitFor(() => expect(ofYard().length).toBeGreaterThan(0), SOON);
  const first = came.indexOf(ofYard()[0] as string);
  await vi.waitFor(() => expect(came.length).toBeGreaterThan(first + 5), { ...SOON, timeout: 120_000 });
  const persons = came.slice(first, first + 5);
  await vi.waitFor(() => {
    for (const list of [ofYard(), triggered]) {
      expect(persons.map((id) => list.filter((other) => other === id).length)).toEqual([1, 1, 1, 1, 1]);
    }
  }, SOON);
  expect(pushed.find(({ title }) => title === 'Yard, north')).toMatchObject({
    message: expect.stringMatching(/^Person, \d+ %/),
    data: { image: expect.stringMatching(/^\/api\/image_proxy\/image\.yard_north_person\?token=/) },
  });
  await hass.write('yard.yaml', '[]');
  await hass.call('automation.reload', {});
  await restart(BOTH);
  await becomes('sensor.front_status', 'online');
});

test('the switch and the numbers command the daemon', async () => {
  await hass.call('switch.turn_on', { entity_id: 'switch.off_enabled' });
  await becomes('sensor.off_status', 'online');
  await becomes('binary_sensor.off_person_occupancy', expect.stringMatching(/^o(n|ff)$/));
  await hass.call('switch.turn_off', { entity_id: 'switch.off_detect' });
  await becomes('switch.off_detect', 'off');
  await becomes('sensor.off_status', 'online');
  await hass.call('switch.turn_off', { entity_id: 'switch.off_enabled' });
  await becomes('sensor.off_status', 'disabled');
  await becomes('binary_sensor.off_motion', 'unavailable');
  await hass.call('number.set_value', { entity_id: 'number.off_threshold', value: 0.55 });
  await hass.call('number.set_value', { entity_id: 'number.off_frame_rate', value: 2.5 });
  await becomes('number.off_threshold', '0.55');
  await becomes('number.off_frame_rate', '2.5');
  expect(newest.get('ghostcam/board/off/threshold/state')).toBe('0.55');
});

test('they hold beyond a restart of the daemon, and nothing flickers meanwhile', async () => {
  await hass.call('switch.turn_off', { entity_id: 'switch.front_detect' });
  await hass.call('switch.turn_on', { entity_id: 'switch.off_enabled' });
  await becomes('switch.front_detect', 'off');
  await becomes('switch.off_enabled', 'on');
  const before = history.length;
  const changes = await hass.watch();
  await restart({ ...BOTH, CAMERA_OFF_THRESHOLD: '0.31' });
  await becomes('sensor.off_status', 'online');
  await becomes('sensor.front_status', 'online');
  await becomes('switch.front_detect', 'off');
  await becomes('number.off_threshold', '0.55');
  const settings = /^ghostcam\/board\/(front|off)\/(enabled|detect|threshold)\/state$/;
  const published = new Set(
    history
      .slice(before)
      .flatMap(([topic, payload]) => (settings.test(topic) ? [`${topic} ${payload}`] : [])),
  );
  expect([...published].filter((line) => /front\/detect|off\/(enabled|threshold)/.test(line)).sort()).toEqual(
    [
      'ghostcam/board/front/detect/state OFF',
      'ghostcam/board/off/enabled/state ON',
      'ghostcam/board/off/threshold/state 0.55',
    ],
  );
  const shown = (entity: string) =>
    changes.filter(({ entity_id }) => entity_id === entity).map(({ state }) => state);
  expect(shown('switch.front_detect')).toEqual(['unavailable', 'off']);
  expect(shown('switch.off_enabled')).toEqual(['unavailable', 'on']);
  expect(shown('number.off_threshold')).toEqual(['unavailable', '0.55']);
  await user.publishAsync('ghostcam/board/off/threshold/set', '', { retain: true });
  await becomes('number.off_threshold', '0.31');
  await hass.call('switch.turn_off', { entity_id: 'switch.off_enabled' });
  await hass.call('switch.turn_on', { entity_id: 'switch.front_detect' });
  await becomes('switch.front_detect', 'on');
  await becomes('sensor.off_status', 'disabled');
});

test('a reload: of what has not changed no entity flickers', async () => {
  const changes = await hass.watch();
  const changed = { CAMERA_OFF_LABELS: 'person', CAMERA_OFF_ZONES: 'gate: 0,0 1,0 1,1', CAMERA_OFF_FPS: '3' };
  expect(await reload({ ...BOTH, ...changed, CAMERAS: 'front,off,back' })).toMatch('camera back added');
  await becomes('sensor.back_status', 'online');
  await entitiesAgree();
  expect(await hass.state('sensor.off_car_count')).toBeUndefined();
  await becomes('sensor.off_gate_person_count', 'unavailable');
  expect(await reload({ ...BOTH, CAMERA_OFF_FPS: '999' })).toMatch('not reloaded');
  expect(await reload(BOTH)).toMatch('camera back removed');
  await becomes('sensor.back_status', 'offline');
  await becomes('binary_sensor.back_motion', 'unavailable');
  await entitiesAgree();
  const { code, stderr } = await ghostcam(['forget', 'back', '--env-file', file.path]);
  expect(code, stderr).toBe(0);
  await entitiesAgree();
  expect(await hass.state('sensor.back_status')).toBeUndefined();
  await hass.call('number.set_value', { entity_id: 'number.front_threshold', value: 0.4 });
  await becomes('number.front_threshold', '0.4');
  await user.publishAsync('ghostcam/board/front/threshold/set', '', { retain: true });

  const seen = (pattern: RegExp) => changes.filter(({ entity_id }) => pattern.test(entity_id));
  // It saw what it should: the camera that came and went, and the other one's entities that did.
  const ofBack = seen(/^sensor\.back_status$/).map(({ state }) => state);
  expect([ofBack.includes('online'), ofBack.at(-1)]).toEqual([true, undefined]);
  expect(seen(/^sensor\.off_car_count$/)).toContainEqual({
    entity_id: 'sensor.off_car_count',
    state: undefined,
  });
  expect(seen(/^(switch|number|sensor\.front_status)\S*front/)).toEqual([
    { entity_id: 'number.front_threshold', state: '0.4' },
  ]);
  // People in the footage come and go.
  const gone = ({ state = 'gone' }) => /gone|unavailable|unknown/.test(state);
  expect(seen(/\.(front|ghostcam_board)_/).filter(gone)).toEqual([]);
});

test('the picture of the last event', async () => {
  await becomes('image.front_person', expect.stringMatching(/^\d{4}-/));
  const picture = await hass.picture('image.front_person');
  expect([...picture.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
});

test('the example’s automations: a message to the phone with the picture, and the light', async () => {
  const light = {
    name: 'Front door',
    command_topic: 'test/light',
    state_topic: 'test/light/state',
  };
  await user.publishAsync('homeassistant/light/front_door/config', JSON.stringify(light), { retain: true });
  await becomes('light.front_door', 'unknown');
  // Whoever is in the footage comes again.
  await hass.call('switch.turn_off', { entity_id: 'switch.front_enabled' });
  await becomes('binary_sensor.front_person_occupancy', 'unavailable');
  pushed.length = 0;
  await hass.call('switch.turn_on', { entity_id: 'switch.front_enabled' });
  await vi.waitFor(() => expect(pushed.length).toBeGreaterThan(0), SOON);
  expect(pushed[0]).toMatchObject({
    title: 'Somebody is at the front',
    message: expect.stringMatching(/^Since \d\d:\d\d:\d\d, in no zone$/),
    data: { image: expect.stringMatching(/^\/api\/image_proxy\/image\.front_person\?token=/) },
  });
  await vi.waitFor(() => expect(newest.get('test/light')).toBe('ON'), SOON);
});

test('started again while the announcements are lost, they are announced to Home Assistant anew', async () => {
  await hass.stop();
  const lost = messages().map(([topic]) => topic);
  for (const topic of lost) await user.publishAsync(topic, '', { retain: true, qos: 1 });
  await vi.waitFor(() => expect(messages()).toEqual([]), SOON);
  await hass.start();
  await vi.waitFor(
    () =>
      expect(
        messages()
          .map(([topic]) => topic)
          .sort(),
      ).toEqual(lost.sort()),
    SOON,
  );
  await becomes('sensor.front_status', 'online');
  await becomes('binary_sensor.front_person_occupancy', expect.stringMatching(/^o(n|ff)$/));
});

test('the daemon is killed: all is unavailable, but for the connection, which is off', async () => {
  await daemon.kill();
  await becomes('binary_sensor.ghostcam_board_connection', 'off');
  for (const entity of ['sensor.front_status', 'binary_sensor.front_motion', 'switch.front_detect']) {
    await becomes(entity, 'unavailable');
  }
});

test('fewer labels: the entities of the others are gone', async () => {
  await restart({ ...BOTH, CAMERA_FRONT_LABELS: 'person' });
  await vi.waitFor(() => expect(newest.get(FRONT)).not.toContain('car_count'), SOON);
  await entitiesAgree();
  expect(await hass.state('sensor.front_car_count')).toBeUndefined();
  await becomes('sensor.front_status', 'online');
});

test('a camera that leaves the env file is unavailable, and gone with its device at the second start without it', async () => {
  await restart({ CAMERAS: 'front', CAMERA_FRONT_LABELS: 'person' });
  await vi.waitFor(() => expect(newest.get('ghostcam/board/off/state')).toMatch(/removedAt/), SOON);
  await entitiesAgree();
  await restart({ CAMERAS: 'front', CAMERA_FRONT_LABELS: 'person' });
  await vi.waitFor(() => expect(messages()).toHaveLength(2), SOON);
  await entitiesAgree();
  expect(await hass.render(`{{ device_id('Off') }}`)).toBe('None');
  expect(await hass.render(`{{ device_id('Front') }}`)).not.toBe('None');
});

test('in all this it had nothing to complain of', () => {
  const complaints = hass.log
    .split('\n')
    .filter((line) => /(WARNING|ERROR).*(mqtt|ghostcam|automation|template|image|mobile_app)/.test(line));
  expect(complaints).toEqual([]);
});
