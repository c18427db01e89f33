/** A real nginx before a page: as a reverse proxy of docs/web.md, and as Home Assistant's ingress shows it in a frame of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.js';
import { freeTcpPort } from './ports.js';

export interface Nginx {
  /** Its own address; the page is below `prefix`. */
  url: string;
  stop(): Promise<unknown>;
}

/** @param prefix Such as `/cameras/`; `/frame.html` shows the page in a frame. */
export async function startNginx(pagePort: number, prefix: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'ghostcam-nginx-'));
  const port = await freeTcpPort();
  writeFileSync(
    join(folder, 'frame.html'),
    `<!doctype html><title>Home</title><iframe src="${prefix}"></iframe>`,
  );
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
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${port};
    root ${folder};
    location ${prefix} {
      proxy_pass http://127.0.0.1:${pagePort}/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }
  }
}
`,
  );
  const nginx = new Child('/usr/sbin/nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder]);
  const url = `http://127.0.0.1:${port}`;
  await untilAnswered(`${url}/frame.html`);
  return {
    url,
    stop: async () => {
      await nginx.stop('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilAnswered(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url).catch((error: Error) => error);
    if (answer instanceof Response) return;
    if (tries > 200) throw answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
