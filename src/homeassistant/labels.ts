/** How Home Assistant shows labels: with which icon, and whether before anybody asked for them. */

/** Of Material Design Icons, which Home Assistant has built in. */
const ICONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    person: 'mdi:account',
    bicycle: 'mdi:bicycle',
    car: 'mdi:car',
    motorcycle: 'mdi:motorbike',
    bus: 'mdi:bus',
    truck: 'mdi:truck',
    bird: 'mdi:bird',
    cat: 'mdi:cat',
    dog: 'mdi:dog',
    horse: 'mdi:horse',
    sheep: 'mdi:sheep',
    cow: 'mdi:cow',
  }),
);

/** The labels that most people want. */
const USUAL: readonly string[] = ['person', 'car', 'cat', 'dog'];

/** Of Material Design Icons: `mdi:account`; `mdi:shape` for labels that have none of their own. */
export function labelIcon(label: string): string {
  return ICONS.get(label) ?? 'mdi:shape';
}

/**
 * Whose entities are enabled when they appear first; those of the others wait, disabled, until a user enables them.
 * @param reportable Labels that the camera may report.
 * @param wanted Those that the user has named; undefined: none, so all are reported.
 */
export function enabledLabels(
  reportable: readonly string[],
  wanted: readonly string[] | undefined,
): string[] {
  if (wanted !== undefined) return [...reportable];
  const usual = reportable.filter((label) => USUAL.includes(label));
  return usual.length > 0 ? usual : [...reportable];
}
