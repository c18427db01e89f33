/** What Grafana's own types have against a dashboard. */
import { Ajv, type ValidateFunction } from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';

const validators = new Map<string, ValidateFunction>();
const generator = createGenerator({
  path: 'test/support/grafana-types.ts',
  tsconfig: 'tsconfig.json',
  // tsc has its own step.
  skipTypeCheck: true,
});
const ajv = new Ajv({ strict: false, allErrors: true });

/** @param type One of grafana-types.ts. @returns undefined: nothing. */
export function mistakesInGrafana(type: string, value: unknown): string | undefined {
  const validate = validators.get(type) ?? ajv.compile({ ...generator.createSchema(type) } as object);
  validators.set(type, validate);
  return validate(value) ? undefined : `${type}: ${ajv.errorsText(validate.errors)}`;
}
