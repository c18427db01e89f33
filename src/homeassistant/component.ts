/** The parts of a discovery message. Keys as https://www.home-assistant.io/integrations/mqtt/ and the pages of the platforms name them. */

export interface DiscoveryMessage {
  dev: {
    ids: string[];
    name: string;
    mf: string;
    mdl: string;
    sw: string;
    via_device?: string;
  };
  o: { name: string; sw: string; url: string };
  /** By an id that is unique within the device. */
  cmps: Record<string, Component>;
  availability?: Availability[];
  availability_mode?: 'all';
}

export interface Availability {
  topic: string;
  value_template?: string;
}

/** An entity or a device trigger. What it does not say of its availability holds as the device says it. */
export interface Component {
  p: 'binary_sensor' | 'device_automation' | 'event' | 'image' | 'number' | 'sensor' | 'switch';
  /** Of an entity. */
  unique_id?: string;
  name?: string;
  icon?: string;
  device_class?: string;
  state_class?: 'measurement';
  unit_of_measurement?: string;
  suggested_display_precision?: number;
  entity_category?: 'config' | 'diagnostic';
  enabled_by_default?: boolean;
  availability?: Availability[];
  state_topic?: string;
  command_topic?: string;
  image_topic?: string;
  json_attributes_topic?: string;
  value_template?: string;
  content_type?: string;
  payload_on?: string;
  payload_off?: string;
  retain?: boolean;
  options?: readonly string[];
  event_types?: readonly string[];
  expire_after?: number;
  min?: number;
  max?: number;
  step?: number;
  mode?: 'box' | 'slider';
  /** Of a device trigger. */
  automation_type?: 'trigger';
  type?: string;
  subtype?: string;
  topic?: string;
  payload?: string;
}

/** A component before it is part of a device. */
export type Draft = Omit<Component, 'unique_id'> & { id: string };

/** The components by their ids; an entity's unique id holds the device's. */
export function byId(device: string, drafts: readonly Draft[]): Record<string, Component> {
  return Object.fromEntries(
    drafts.map(({ id, ...draft }) => [
      id,
      draft.p === 'device_automation' ? draft : { ...draft, unique_id: `${device}_${id}` },
    ]),
  );
}

/** Home Assistant takes what it keeps of a component apart at spaces. */
export function labelId(label: string): string {
  return label.replaceAll(/\s+/g, '_');
}
