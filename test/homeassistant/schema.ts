import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';

const ajv = new Ajv2019({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync('test/homeassistant/discovery.schema.json', 'utf8')));

/** What Home Assistant would object to in a discovery message, or silently ignore; empty: nothing. */
export function discoveryMistakes(message: unknown): string[] {
  if (validate(JSON.parse(JSON.stringify(message)))) return [];
  return (validate.errors ?? []).map(({ instancePath, message: text }) => `${instancePath} ${text}`);
}
