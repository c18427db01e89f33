/** What is made of a list of secrets, once: lists live as long as their camera, and every line of its log asks. */

/** The same as `make`, which is called again only for another list, or for one that has grown. */
export function oncePerList<T>(make: (secrets: readonly string[]) => T): (secrets: readonly string[]) => T {
  const made = new WeakMap<readonly string[], { count: number; value: T }>();
  return (secrets) => {
    const before = made.get(secrets);
    if (before?.count === secrets.length) return before.value;
    const value = make(secrets);
    made.set(secrets, { count: secrets.length, value });
    return value;
  };
}
