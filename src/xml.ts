/** Text in XML. */

/** Markup as references: the text stands in an element or an attribute as it is. What XML has no character for stays. */
export function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
