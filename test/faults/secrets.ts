/** The credentials of the campaign, and every form in which one of them could be told. */

export const SECRETS = {
  /** Of {@link FaultyRtspCamera.url}. */
  rtsp: 'a-password',
  query: 'Qu3ryS3cret',
  path: 'P4thS3cret',
  beside: `b"sidé\\ #1/?@%`,
  broker: 'br0ker S3cret',
};

export function secretForms(): string[] {
  return Object.values(SECRETS).flatMap((secret) => [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(`viewer:${secret}`).toString('base64').replace(/=+$/, ''),
      Buffer.from(`admin:${secret}`).toString('base64').replace(/=+$/, ''),
    ]),
  ]);
}
