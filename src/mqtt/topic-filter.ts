/** Whether a topic is one that a subscription's filter means (MQTT 3.1.1, 4.7); of its wildcards only `+` is used here. */
export function matches(topic: string, filter: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  return (
    levels.length === wanted.length && wanted.every((level, at) => level === '+' || level === levels[at])
  );
}
