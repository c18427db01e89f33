import type { DiscoveryMessage } from '../../src/homeassistant/component.js';

/** The entities of a message, which has device triggers too. */
export function entitiesOf({ cmps }: DiscoveryMessage) {
  return Object.values(cmps).flatMap(({ unique_id, name, ...component }) =>
    unique_id === undefined || name === undefined ? [] : [{ ...component, unique_id, name }],
  );
}

/** The entity id that Home Assistant makes of the names of a device and of its entity. */
export function entityId(platform: string, device: string, name: string): string {
  const slug = `${device} ${name}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  return `${platform}.${slug}`;
}
