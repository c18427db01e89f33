/** What docs/openapi.json has against an answer of the page's server. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(JSON.parse(readFileSync('docs/openapi.json', 'utf8')), 'openapi');

/** Undefined: nothing. */
export function mistakesInAnswer(type: string, value: unknown): string | undefined {
  const validate = ajv.getSchema(`openapi#/components/schemas/${type}`);
  if (validate === undefined) throw new Error(`there is no schema of ${type}`);
  return validate(value) ? undefined : `${type}: ${ajv.errorsText(validate.errors)}`;
}
