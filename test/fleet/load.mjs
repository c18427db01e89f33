// A fleet of simulated nodes on a broker that runs: each publishes the detections of its cameras at QoS 0 and now and then an event at
// QoS 1, a reader counts what arrives, and one server may be killed meanwhile. Prints one JSON object; exits 1 when an event is lost
// or a node is not back within ten seconds.
// Usage: node test/fleet/load.mjs --urls URL,… [--user U --password P] [--nodes 1000] [--cameras 4] [--rate 0.5] [--seconds 40]
//        [--pids PID,…]  CPU and memory of these are reported   [--kill PID]  after a third of the time
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import mqtt from 'mqtt';

const { values } = parseArgs({
  options: {
    urls: { type: 'string' },
    user: { type: 'string' },
    password: { type: 'string' },
    nodes: { type: 'string', default: '1000' },
    cameras: { type: 'string', default: '4' },
    rate: { type: 'string', default: '0.5' },
    seconds: { type: 'string', default: '40' },
    pids: { type: 'string', default: '' },
    kill: { type: 'string' },
  },
});
const servers = values.urls.split(',').map((url) => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 1883), protocol: 'mqtt' };
});
const [nodes, cameras, rate, seconds] = ['nodes', 'cameras', 'rate', 'seconds'].map((name) =>
  Number(values[name]),
);
const pids = values.pids.split(',').filter(Boolean);
const eventPeriodMs = 5000;
const backWithinMs = 10_000;

/** A message as ghostcam publishes it, of a frame with two objects. */
const detections = JSON.stringify({
  sequence: 412,
  capturedAt: '2026-11-24T20:51:01.482Z',
  width: 640,
  height: 360,
  ages: { queueMs: 1.1, inferenceMs: 13.2, publishMs: 14 },
  detections: [
    {
      label: 'cat',
      score: 0.9231,
      box: [5.12, 0.4, 638.2, 357.31],
      boxNormalized: [0.008, 0.00111, 0.99719, 0.99253],
    },
    {
      label: 'person',
      score: 0.8741,
      box: [15.2, 20.4, 338.2, 317.31],
      boxNormalized: [0.02375, 0.05667, 0.52844, 0.88142],
    },
  ],
});

/** CPU time so far, and resident memory. */
function usage(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
      rssMb: (Number(fields[21]) * 4096) / 2 ** 20,
    };
  } catch {
    return undefined; // killed
  }
}

function connect(clientId, list, more = {}) {
  const { user: username, password } = values;
  return mqtt.connect({
    servers: list,
    protocol: 'mqtt',
    protocolVersion: 4,
    username,
    password,
    clientId,
    queueQoSZero: false,
    reconnectPeriod: 500 + Math.random() * 1000,
    reconnectOnConnackError: true,
    ...more,
  });
}

const seen = new Map();
let delivered = 0;
// On the last server, which is not the one that is killed; its session would keep what comes while it is away.
const reader = connect('reader', [servers.at(-1)], { clean: false });
reader.on('message', (topic, payload) => {
  if (!topic.endsWith('/events')) {
    delivered++;
    return;
  }
  const [, node] = topic.split('/');
  if (!seen.has(node)) seen.set(node, new Set());
  seen.get(node).add(payload.toString());
});
reader.on('error', (error) => console.error(`reader: ${error.message}`));
await new Promise((resolve) => reader.once('connect', resolve));
await reader.subscribeAsync(['ghostcam/+/events', 'ghostcam/+/+/detections'], { qos: 1 });

const fleet = [];
let published = 0;
let slowestReturnMs = 0;
let killedAt;
for (let index = 0; index < nodes; index++) {
  const name = `n${index}`;
  const rotated = servers.map((_, at) => servers[(index + at) % servers.length]);
  const client = connect(name, rotated, {
    will: { topic: `ghostcam/${name}/state`, payload: 'offline', qos: 1, retain: true },
  });
  const node = { name, client, events: 0 };
  fleet.push(node);
  let lostAt;
  client.on('error', () => {});
  client.on('close', () => {
    lostAt ??= performance.now();
  });
  client.on('connect', () => {
    if (lostAt !== undefined && killedAt !== undefined)
      slowestReturnMs = Math.max(slowestReturnMs, performance.now() - lostAt);
    lostAt = undefined;
    client.publish(`ghostcam/${name}/state`, 'online', { qos: 1, retain: true });
  });
  if (index % 20 === 19) await sleep(50);
}
const connected = () => fleet.filter(({ client }) => client.connected).length;
for (let waited = 0; connected() < nodes && waited < 60_000; waited += 100) await sleep(100);

const before = pids.map(usage);
const began = performance.now();
let next = 0;
const total = nodes * cameras * rate * seconds;
while (performance.now() - began < seconds * 1000) {
  const elapsed = performance.now() - began;
  for (; next < Math.min(total, (elapsed / 1000) * nodes * cameras * rate); next++) {
    const { name, client } = fleet[next % nodes];
    if (!client.connected) continue;
    client.publish(`ghostcam/${name}/c${Math.floor(next / nodes) % cameras}/detections`, detections);
    published++;
  }
  for (const node of fleet) {
    if (elapsed < (node.events + Number(node.name.slice(1)) / nodes) * eventPeriodMs) continue;
    node.client.publish(`ghostcam/${node.name}/events`, String(node.events++), { qos: 1 });
  }
  if (values.kill !== undefined && killedAt === undefined && elapsed > (seconds * 1000) / 3) {
    killedAt = performance.now();
    process.kill(Number(values.kill), 'SIGKILL');
  }
  await sleep(20);
}
const elapsedSeconds = (performance.now() - began) / 1000;
const after = pids.map(usage);
const sent = fleet.reduce((sum, { events }) => sum + events, 0);
const arrivals = () => [...seen.values()].reduce((sum, events) => sum + events.size, 0);
// What a dead server had not delivered, the others deliver when its acknowledgement is overdue.
for (let waited = 0; arrivals() < sent && waited < 45_000; waited += 100) await sleep(100);
const arrived = arrivals();
const report = {
  nodes,
  connectedAtEnd: connected(),
  publishedPerSecond: Math.round(published / elapsedSeconds),
  deliveredPerSecond: Math.round(delivered / elapsedSeconds),
  deliveredShare: Math.round((delivered / published) * 1000) / 1000,
  events: { sent, arrived, lost: sent - arrived },
  ...(killedAt === undefined ? {} : { slowestReturnMs: Math.round(slowestReturnMs) }),
  servers: before.map((start, at) => {
    const end = after[at];
    if (end === undefined) return 'killed';
    const cpuSeconds = end.cpuSeconds - start.cpuSeconds;
    return { cpuPercent: Math.round((cpuSeconds / elapsedSeconds) * 100), rssMb: Math.round(end.rssMb) };
  }),
};
console.log(JSON.stringify(report));
for (const { client } of fleet) client.end(true);
reader.end(true);
const good = report.events.lost === 0 && report.connectedAtEnd === nodes && slowestReturnMs <= backWithinMs;
process.exit(good ? 0 : 1);
