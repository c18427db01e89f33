/** Why a camera could not be connected to, in the words in which ffmpeg would have said it, which diagnosis.ts knows. */

const COMPLAINTS: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate's owner does not match hostname",
};
/**
 * OpenSSL's names of what is wrong with a certificate: `DEPTH_ZERO_SELF_SIGNED_CERT`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE` …; those of TLS itself,
 * `ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`, are about something else.
 */
const CERTIFICATE = /^(?!ERR_SSL_).*(?:CERT|SIGNATURE|ISSUER|CRL)/;
/** `…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/…` */
const TLS = /:error:[^:]{0,32}:[^:]{0,64}:[^:]{0,64}:([^:]{1,200})/;

/** @param host As in the camera's address. */
export function connectionComplaint({ code = '', message }: NodeJS.ErrnoException, host: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `Failed to resolve hostname ${host}`;
  const known = COMPLAINTS[code];
  if (known !== undefined) return known;
  if (CERTIFICATE.test(code)) return `verify peer certificate: ${message}`;
  const reason = TLS.exec(message)?.[1];
  return reason === undefined ? message : `[tls @ 0] [error] ${reason}`;
}
