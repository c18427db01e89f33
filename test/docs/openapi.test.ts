/** docs/openapi.json says what the types say, and is valid. `npm run docs:schemas` writes it anew. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { type AppParts, webApp } from '../../src/web/app.js';
import { openApi, PATHS } from '../support/openapi.js';

const document = openApi();

test('it is what the types say', async () => {
  await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json');
});

test('it is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test('it has every route of the server, and no other', () => {
  const parts = { files: new Map(), frameAncestors: [], stills: {} } as unknown as AppParts;
  const routes = webApp(parts)
    .routes.filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  const documented = Object.entries(PATHS).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect([...new Set(routes)].sort()).toEqual(documented.sort());
});
