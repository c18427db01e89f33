/** What this node and its cameras are called in Home Assistant's discovery topics, and which of those topics are this node's. */
import { createHash } from 'node:crypto';

export class Identities {
  /** The device of the node itself. Its cameras' begin with the same and `_`. */
  readonly node: string;
  readonly #prefix: string;

  /** @param prefix Home Assistant's discovery prefix. */
  constructor(prefix: string, nodeId: string) {
    this.#prefix = prefix;
    this.node = `ghostcam_${segment(nodeId)}`;
  }

  camera(name: string): string {
    return `${this.node}_${name}`;
  }

  /** Where a device is announced. */
  topic(device: string): string {
    return `${this.#prefix}/device/${device}/config`;
  }

  /** The name of the camera that is announced on a topic; undefined: it is no camera of this node. */
  cameraOf(topic: string): string | undefined {
    const [begin = '', end = ''] = this.topic(this.camera('*')).split('*');
    if (!topic.startsWith(begin) || !topic.endsWith(end)) return undefined;
    return topic.slice(begin.length, -end.length) || undefined;
  }
}

/**
 * A node's name with the characters that Home Assistant allows there, [a-zA-Z0-9_-], and without `_`, which ends it: no two
 * cameras of any nodes are called the same.
 */
function segment(nodeId: string): string {
  if (/^[A-Za-z0-9-]+$/.test(nodeId)) return nodeId;
  const digest = createHash('sha256').update(nodeId).digest('hex').slice(0, 8);
  return `${nodeId.replaceAll(/[^A-Za-z0-9-]+/g, '-')}-${digest}`;
}
