/** Whose signature makes the certificate of a camera a trusted one. */
import { existsSync } from 'node:fs';

/** Debian's and Red Hat's; an ffmpeg that is linked statically knows neither. */
const SYSTEM_CERTIFICATES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];

/** Path of a PEM file; undefined: there is none that is known, and the TLS library's own are to be used. */
export function certificateAuthorities(configured: string | undefined): string | undefined {
  return configured ?? SYSTEM_CERTIFICATES.find((path) => existsSync(path));
}
