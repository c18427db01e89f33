/** The entity id that Home Assistant makes of the names of a device and of its entity. */
export function entityId(platform: string, device: string, name: string): string {
  const slug = `${device} ${name}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  return `${platform}.${slug}`;
}
