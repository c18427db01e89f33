/** The grammar of all topics: how they are made, and how they are read. README's table lists them. */

/** Below `MQTT_TOPIC/NODE_ID`, by what is published there; `{…}` is one level. */
const PATTERNS = {
  nodeState: 'state',
  info: 'info',
  health: 'health',
  /** Where `ghostcam doctor` publishes to itself. */
  doctor: 'doctor',
  cameraState: '{camera}/state',
  detections: '{camera}/detections',
  events: '{camera}/events',
  motion: '{camera}/motion',
  settingCommand: '{camera}/{setting}/set',
  settingState: '{camera}/{setting}/state',
  count: '{camera}/{label}/count',
  moving: '{camera}/{label}/moving',
  zoneCount: '{camera}/zones/{zone}/{label}/count',
  zoneMoving: '{camera}/zones/{zone}/{label}/moving',
  snapshot: '{camera}/{label}/snapshot',
} as const;

const LEVELS = Object.entries(PATTERNS).map(([kind, pattern]) => [kind, pattern.split('/')] as const);

type Patterns = typeof PATTERNS;
export type TopicKind = keyof Patterns;

/** Names between braces in a pattern. */
type Names<Pattern extends string> = Pattern extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type Levels<Kind extends TopicKind> = Record<Names<Patterns[Kind]>, string>;

/** A topic that was read: its kind, and what stands in its levels. */
export type ParsedTopic = { [Kind in TopicKind]: { kind: Kind } & Levels<Kind> }[TopicKind];

/** One level of a filter that any level matches (MQTT 3.1.1, 4.7.1.3). */
const ANY_LEVEL = '+';

export class Topics {
  readonly #root: string;

  /** @param base `MQTT_TOPIC`, which may have several levels. */
  constructor(base: string, nodeId: string) {
    this.#root = `${base}/${nodeId}`;
  }

  get nodeState(): string {
    return this.#make('nodeState', {});
  }

  get info(): string {
    return this.#make('info', {});
  }

  get health(): string {
    return this.#make('health', {});
  }

  get doctor(): string {
    return this.#make('doctor', {});
  }

  /** What is subscribed to for the commands of all cameras and settings. */
  get settingCommands(): string {
    return this.#make('settingCommand', { camera: ANY_LEVEL, setting: ANY_LEVEL });
  }

  /** What is subscribed to for the states of all cameras, of earlier runs as well. */
  get cameraStates(): string {
    return this.#make('cameraState', { camera: ANY_LEVEL });
  }

  /** What all topics of a camera begin with. */
  cameraPrefix(camera: string): string {
    return `${this.#root}/${camera}/`;
  }

  /** What is subscribed to for the counts of all cameras, labels and zones, of earlier runs as well. */
  get counts(): string[] {
    const any = { camera: ANY_LEVEL, label: ANY_LEVEL };
    const anyZone = { ...any, zone: ANY_LEVEL };
    return [
      ...[this.#make('count', any), this.#make('moving', any)],
      ...[this.#make('zoneCount', anyZone), this.#make('zoneMoving', anyZone)],
    ];
  }

  cameraState(camera: string): string {
    return this.#make('cameraState', { camera });
  }

  detections(camera: string): string {
    return this.#make('detections', { camera });
  }

  events(camera: string): string {
    return this.#make('events', { camera });
  }

  motion(camera: string): string {
    return this.#make('motion', { camera });
  }

  count(camera: string, label: string): string {
    return this.#make('count', { camera, label });
  }

  moving(camera: string, label: string): string {
    return this.#make('moving', { camera, label });
  }

  zoneCount(camera: string, zone: string, label: string): string {
    return this.#make('zoneCount', { camera, zone, label });
  }

  zoneMoving(camera: string, zone: string, label: string): string {
    return this.#make('zoneMoving', { camera, zone, label });
  }

  snapshot(camera: string, label: string): string {
    return this.#make('snapshot', { camera, label });
  }

  settingCommand(camera: string, setting: string): string {
    return this.#make('settingCommand', { camera, setting });
  }

  settingState(camera: string, setting: string): string {
    return this.#make('settingState', { camera, setting });
  }

  /** What a topic is; undefined: it is none of this node's. Takes a time that is linear in its length. */
  parse(topic: string): ParsedTopic | undefined {
    if (!topic.startsWith(`${this.#root}/`)) return undefined;
    const levels = topic.slice(this.#root.length + 1).split('/');
    for (const [kind, pattern] of LEVELS) {
      const names = match(pattern, levels);
      if (names !== undefined) return { kind, ...names } as ParsedTopic;
    }
    return undefined;
  }

  #make<Kind extends TopicKind>(kind: Kind, levels: Levels<Kind>): string {
    const named = levels as Record<string, string>;
    const path = PATTERNS[kind].replace(/\{(\w+)\}/g, (_, name: string) => named[name] as string);
    return `${this.#root}/${path}`;
  }
}

function match(pattern: readonly string[], levels: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== levels.length) return undefined;
  const names: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const level = levels[index] as string;
    if (part.startsWith('{')) names[part.slice(1, -1)] = level;
    else if (part !== level) return undefined;
  }
  return names;
}

/** Whether a topic is one that a subscription's filter means (MQTT 3.1.1, 4.7); of its wildcards only `+` is used here. */
export function matchesFilter(topic: string, filter: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  return (
    levels.length === wanted.length &&
    wanted.every((level, index) => level === ANY_LEVEL || level === levels[index])
  );
}
