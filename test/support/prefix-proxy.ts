/** A reverse proxy that serves another server below a path, which it removes, as nginx does. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export async function startPrefixProxy(
  port: number,
  prefix: string,
): Promise<{ url: string; close(): Promise<unknown> }> {
  const rest = (url = '') => url.slice(prefix.length - 1);
  const proxy = createServer((incoming, outgoing) => {
    if (!incoming.url?.startsWith(prefix)) {
      outgoing.writeHead(404).end();
      return;
    }
    const { method = 'GET', headers, url } = incoming;
    const sent = request({ host: '127.0.0.1', port, method, path: rest(url), headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    sent.on('error', () => outgoing.destroy());
    incoming.pipe(sent);
  });
  proxy.on('upgrade', ({ method, url, rawHeaders }, socket, head) => {
    const server = connect(port, '127.0.0.1');
    const lines = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
    server.write(`${method} ${rest(url)} HTTP/1.1\r\n${lines}\r\n`);
    server.write(head);
    server.pipe(socket).pipe(server);
    for (const end of [server, socket]) {
      end.on('error', () => {
        server.destroy();
        socket.destroy();
      });
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${prefix}`,
    close: () => {
      proxy.closeAllConnections();
      return new Promise((resolve) => proxy.close(resolve));
    },
  };
}
