/** Names as people read them. */

/** `back_yard` -> `Back yard`. */
export function titleOf(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
