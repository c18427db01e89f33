import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from './execute.js';

/** Elliptic curves: made in milliseconds, where RSA takes a second. */
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/**
 * Makes in `folder`, valid for a day: ca.crt and ca.key; server.crt and server.key for localhost and 127.0.0.1; client.crt
 * and client.key.
 */
export async function makeCertificates(folder: string): Promise<void> {
  const path = (name: string) => join(folder, name);
  await execute('openssl', [
    ...['req', '-x509', ...key, '-days', '1', '-subj', '/CN=ghostcam test CA'],
    ...['-keyout', path('ca.key'), '-out', path('ca.crt')],
  ]);
  const extensions = path('server.ext');
  await writeFile(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  await sign(path, 'server', 'localhost', ['-extfile', extensions]);
  await sign(path, 'client', 'ghostcam test client', []);
}

async function sign(path: (name: string) => string, name: string, subject: string, more: string[]) {
  await execute('openssl', [
    ...['req', '-new', ...key, '-subj', `/CN=${subject}`],
    ...['-keyout', path(`${name}.key`), '-out', path(`${name}.csr`)],
  ]);
  await execute('openssl', [
    ...['x509', '-req', '-days', '1', '-in', path(`${name}.csr`), '-out', path(`${name}.crt`)],
    ...['-CA', path('ca.crt'), '-CAkey', path('ca.key'), '-CAcreateserial', ...more],
  ]);
}
