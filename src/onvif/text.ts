/** Text from a device, for a terminal and for an env file. */

/** What is longer is no name. */
const MAX_LENGTH = 80;

/** One line without control characters, at most 80 characters; '' for what is no text. */
export function plainText(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  return String(value)
    .slice(0, 4 * MAX_LENGTH)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, MAX_LENGTH);
}
