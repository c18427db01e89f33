/** Which strings MQTT allows: brokers close the connection over any other one (MQTT 5.0, 1.5.4 and 4.7; 3.1.1, 1.5.3 and 4.7). */

/** Bytes of UTF-8 that the length of a string has room for. */
export const MAX_MQTT_BYTES = 65_535;

/** Control characters, halves of surrogate pairs, and the code points that Unicode keeps free of characters. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Whether a string may be sent at all. */
export function isMqttString(text: string): boolean {
  // No UTF-8 is shorter than this: a long text is not read further.
  return text.length <= MAX_MQTT_BYTES && !FORBIDDEN.test(text) && Buffer.byteLength(text) <= MAX_MQTT_BYTES;
}

/** Whether a message can be published to a topic of this name. */
export function isTopicName(text: string): boolean {
  return text !== '' && !/[+#]/.test(text) && isMqttString(text);
}

/** Whether this can stand between two `/` of a topic that is published to. */
export function isTopicLevel(text: string): boolean {
  return isTopicName(text) && !text.includes('/');
}

/** Stands in a topic where a label does, for the objects of all labels: no label of a model is called so. */
export const ALL_LABELS = 'all';
