/** A real nginx before a page, as the reverse proxy of docs/web.md, or as Home Assistant's ingress. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from './certificates.js';
import { Child } from './child.js';
import { freeTcpPort } from './ports.js';

export interface Nginx {
  /** Its own address; the page is below the prefix. */
  url: string;
  stop(): Promise<unknown>;
}

export interface NginxOptions {
  /** Default: a free one. */
  port?: number;
  /** Of its certificate for localhost; default: plain HTTP. */
  tls?: boolean;
  /** What else it tells the page, by header. */
  headers?: Readonly<Record<string, string>>;
  /** What `/frame.html` shows in a frame; default: the page below the prefix. */
  frame?: string;
}

/** @param prefix Such as `/cameras/`. */
export async function startNginx(
  pagePort: number,
  prefix: string,
  options: NginxOptions = {},
): Promise<Nginx> {
  const { port = await freeTcpPort(), tls = false, headers = {}, frame = prefix } = options;
  const folder = mkdtempSync(join(tmpdir(), 'ghostcam-nginx-'));
  if (tls) await makeCertificates(folder);
  writeFileSync(
    join(folder, 'frame.html'),
    `<!doctype html><title>Home</title><iframe src="${frame}" width="1200" height="800"></iframe>`,
  );
  const { map, location } = documented();
  const more = Object.entries(headers).map(([name, value]) => `proxy_set_header ${name} "${value}";`);
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off;
pid ${folder}/pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder};
  proxy_temp_path ${folder};
  fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder};
  scgi_temp_path ${folder};
  types { text/html html; }
  ${map}
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl' : ''};
    ${tls ? `ssl_certificate ${folder}/server.crt; ssl_certificate_key ${folder}/server.key;` : ''}
    root ${folder};
    ${location
      .replace('/cameras/', prefix)
      .replace('127.0.0.1:8970', `127.0.0.1:${pagePort}`)
      .replace('}', `${more.join('\n')}\n}`)}
  }
}
`,
  );
  const nginx = new Child('/usr/sbin/nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder]);
  const [listening, url] = [
    `http://127.0.0.1:${port}`,
    `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}`,
  ];
  await untilAnswered(`${listening}/frame.html`);
  return {
    url,
    stop: async () => {
      await nginx.stop('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What docs/web.md says of nginx. */
function documented(): { map: string; location: string } {
  const text = readFileSync('docs/web.md', 'utf8');
  const [location] = /^ {4}location \/cameras\/ \{\n[^}]*\}/m.exec(text) ?? [];
  const [, map] = /`(map [^`]*)`/.exec(text) ?? [];
  if (location === undefined || map === undefined) throw new Error('docs/web.md has no location of nginx');
  return { map, location };
}

/** With TLS the answer is that plain HTTP is not spoken here, which is one too. */
async function untilAnswered(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url).catch((error: Error) => error);
    if (answer instanceof Response) return;
    if (tries > 200) throw answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
