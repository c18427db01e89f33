/** Addresses as people write them: what is understood, and what is refused in which words. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect, promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseBrokerAddresses } from '../../src/address/broker.js';
import { parseCameraAddress } from '../../src/address/camera.js';

/** Far more than a busy machine needs: what takes longer hangs. */
const HANG_MS = 10_000;

function credentialsOf(text: string): [string | undefined, string | undefined, string] {
  const { username, password, host } = parseCameraAddress(text);
  return [username, password, host];
}

function refusalOf(text: string, parse: (text: string) => unknown = parseCameraAddress): string {
  try {
    parse(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

describe('a password that is not encoded', () => {
  test.each([
    ['12#34'],
    ['#34'],
    ['12#'],
    ['a#b#c'],
    ['p@ss'],
    ['@@'],
    ['a:b:c'],
    [':'],
    ['a?b'],
    ['?x'],
    ['a/b'],
    ['/b'],
    ['b/'],
    ['a/b?c#d:e'],
    ['100%'],
    ['5%!x'],
    ['pass word'],
    ['pässwörd'],
    ['пароль'],
    ['a+b&c=d'],
    ['"quoted"'],
    ['back\\slash'],
    ['{x}|^`'],
    ['12#3/4'],
  ])('%j', (password) => {
    expect(credentialsOf(`rtsp://admin:${password}@camera:554/stream?x=1`)).toEqual([
      'admin',
      password,
      'camera',
    ]);
  });

  test('is encoded in what ffmpeg gets', () => {
    for (const password of ['12#34', 'p@ss/w?rd', '100%', 'pä ss', "it's (a) *!"]) {
      const href = parseCameraAddress(`rtsp://me:x@camera/`)
        .withCredentials({ username: 'me', password })
        .href();
      const url = new URL(href);
      expect([url.host, decodeURIComponent(url.password), url.pathname]).toEqual(['camera', password, '/']);
      expect(href).toMatch(/^[\x21-\x7e]+$/);
    }
  });
});

test('an encoded user name and password are decoded once', () => {
  expect(credentialsOf('rtsp://a%40b:c%23%25%2F%3A@camera/')).toEqual(['a@b', 'c#%/:', 'camera']);
  expect(credentialsOf('rtsp://a:%2540@camera/')).toEqual(['a', '%40', 'camera']);
  expect(credentialsOf('rtsp://a:%C3%A4%e2%82%ac@camera/')).toEqual(['a', 'ä€', 'camera']);
});

test.each([
  ['an e-mail address as user name', 'rtsp://me@home.de:pw@camera/x', ['me@home.de', 'pw', 'camera']],
  ['a user name alone', 'rtsp://me@camera/x', ['me', undefined, 'camera']],
  ['an empty password', 'rtsp://me:@camera/x', ['me', '', 'camera']],
  ['a password alone', 'rtsp://:pw@camera/x', ['', 'pw', 'camera']],
  ['neither', 'rtsp://@camera/x', [undefined, undefined, 'camera']],
  ['an @ in the path', 'rtsp://camera/user@home', [undefined, undefined, 'camera']],
  ['an @ in the query', 'http://camera/?mail=a@b.c', [undefined, undefined, 'camera']],
  ['an @ behind an IP address', 'rtsp://u:p@10.0.0.7/user@home', ['u', 'p', '10.0.0.7']],
  ['an @ behind an IPv6 address', 'rtsp://u:p@[::1]:554/user@home', ['u', 'p', '::1']],
])('%s', (_, text, expected) => {
  expect(credentialsOf(text)).toEqual(expected);
});

test('host, port, path and query', () => {
  expect(parseCameraAddress(' RTSP://Camera.local:8554/Live/ch1?a=1&b#\t'.replace('#', ''))).toMatchObject({
    scheme: 'rtsp',
    host: 'Camera.local',
    port: 8554,
    path: '/Live/ch1',
    query: 'a=1&b',
  });
  expect(parseCameraAddress('rtsp://[fe80::1%25eth0]:554/x').host).toBe('fe80::1%eth0');
  expect(parseCameraAddress('rtsp://[2001:db8::7]/x').href()).toBe('rtsp://[2001:db8::7]/x');
  expect(parseCameraAddress('rtsp://back_yard/x').host).toBe('back_yard');
  expect(parseCameraAddress('rtsp://küche.local/x').host).toBe('xn--kche-0ra.local');
  expect(parseCameraAddress('rtsp://camera/my stream?näme=a b').href()).toBe(
    'rtsp://camera/my%20stream?n%C3%A4me=a%20b',
  );
  expect(parseCameraAddress('rtsp://camera/cam/%41?x=%zz').href()).toBe('rtsp://camera/cam/%41?x=%zz');
});

describe('what can be read in two ways is refused, with none of it repeated', () => {
  test.each([
    'rtsp://admin:12/Hunter2@camera/x',
    'rtsp://admin:12?Hunter2@camera/x',
    'rtsp://admin:p@ss/Hunter2@camera/x',
    'rtsp://admin:80/Hunter2@home',
  ])('%s', (text) => {
    expect(refusalOf(text)).toMatch(/two ways/);
    expect(refusalOf(text)).not.toMatch(/Hunter2|admin|ss/);
  });
});

describe('what is no address', () => {
  test.each([
    ['rtsp://', 'there is no host'],
    ['rtsp:///stream', 'there is no host'],
    ['rtsp://:554/stream', 'there is no host'],
    ['rtsp://admin:pw@', 'there is no host'],
    ['rtsp://admin:pw@/stream', 'there is no host'],
    ['rtsp://admin:pw@:554/stream', 'there is no host'],
    ['rtsp://camera:0/', 'its port is no number from 1 to 65535'],
    ['rtsp://camera:65536/', 'its port is no number from 1 to 65535'],
    ['rtsp://camera:99999999999/', 'its port is no number from 1 to 65535'],
    ['rtsp://camera:/', 'its port is no number from 1 to 65535'],
    ['rtsp://camera:5x4/', 'its port is no number from 1 to 65535'],
    ['rtsp://camera:-1/', 'its port is no number from 1 to 65535'],
    ['rtsp://admin:pw@camera:rtsp/', 'its port is no number from 1 to 65535'],
    ['rtsp://rtsp://camera/', 'a second scheme follows the first'],
    ['rtsp://http://admin:pw@camera/', 'a second scheme follows the first'],
    ['rtps://camera/', 'received the scheme rtps://'],
    ['mqtt://camera/', 'received the scheme mqtt://'],
    ['rtsp://cam era/', 'its host is no host name'],
    ['rtsp://-camera/', 'its host is no host name'],
    ['rtsp://a..b/', 'its host is no host name'],
    ['rtsp://cam%20era/', 'its host is no host name'],
    ['rtsp://192.168.1.256/', 'its host is no IPv4 address'],
    ['rtsp://192.168.1/', 'its host is no IPv4 address'],
    ['rtsp://[::1/', 'its host is no IPv6 address'],
    ['rtsp://[::g]/', 'its host is no IPv6 address'],
    ['rtsp://[::1]x/', 'what follows the host is no port and no path'],
    ['rtsp://camera/#t=1', 'a # is understood in a password only'],
    ['rtsp://a:%ff@camera/', 'a %XX in its user name or password is no UTF-8'],
    ['rtsp://a:%00@camera/', 'a %XX in its user name or password is a control character'],
    ['rtsp://a%3Ab:c@camera/', 'its user name holds a colon'],
    [`rtsp://camera/${'x'.repeat(5000)}`, 'it has more than 4096 characters'],
    ['rtsp://a:b\n@camera/', 'it holds a line break or another control character'],
    ['rtsp://a:\ud800@camera/', 'it holds half of a surrogate pair, which is no character'],
    ['rtsp://camera/\udc00', 'it holds half of a surrogate pair, which is no character'],
    ['http://camera/?a=\ud800', 'it holds half of a surrogate pair, which is no character'],
    ['file:///a%zz.mp4', 'a %XX in it is no character of a path'],
  ])('%j: %s', (text, problem) => {
    expect(refusalOf(text)).toBe(problem);
  });
});

test.each([
  ['mqtt://u:pa:ss@host', 'u', 'pa:ss'],
  ['mqtt://u:pa%3Ass@host', 'u', 'pa:ss'],
  ['mqtt://u%3Av:p@host', 'u:v', 'p'],
  ['mqtt://e:@host', 'e', ''],
  ['mqtt://p:100%@host:1883', 'p', '100%'],
  ['mqtts://p:a#b/c?d@host', 'p', 'a#b/c?d'],
  ['mqtt://u:a,b@host,mqtt://host2', 'u', 'a,b'],
  ['mqtt://host,mqtt://u:p@host2', 'u', 'p'],
  ['ws://u:p@host/mqtt', 'u', 'p'],
])('the broker %s', (text, username, password) => {
  const parsed = parseBrokerAddresses(text);
  expect(parsed).toMatchObject({ username, password });
  expect(parsed.servers[0]).toMatchObject({ host: 'host', username: undefined, password: undefined });
});

test('the servers of a broker have one scheme and one login', () => {
  expect(refusalOf('mqtt://a,mqtts://b', parseBrokerAddresses)).toBe('received different schemes');
  expect(refusalOf('mqtt://u:p@a,mqtt://u:q@b', parseBrokerAddresses)).toMatch(/different user names/);
  expect(refusalOf('mqtt://a,', parseBrokerAddresses)).not.toBe('accepted');
});

test('files and the test picture', () => {
  const pathOf = (text: string) => parseCameraAddress(text).path;
  expect(pathOf('file:///srv/my%20clip.mp4')).toBe('/srv/my clip.mp4');
  expect(pathOf('file://localhost/srv/a%23b.mp4')).toBe('/srv/a#b.mp4');
  expect(pathOf('file:clips/a%20b.mp4')).toBe('clips/a b.mp4');
  expect(pathOf('file://clips/a.mp4')).toBe('clips/a.mp4');
  expect(pathOf('/srv/50%25.mp4')).toBe('/srv/50%25.mp4');
  expect(pathOf('a:b.ts')).toBe('a:b.ts');
  expect(parseCameraAddress('test:').scheme).toBe('test');
});

test('video devices', () => {
  for (const text of ['v4l2:/dev/video0', 'V4L2:///dev/video0']) {
    const address = parseCameraAddress(text);
    expect([address.scheme, address.href(), `${address}`]).toEqual([
      'v4l2',
      '/dev/video0',
      'v4l2:/dev/video0',
    ]);
  }
  const byId = '/dev/v4l/by-id/usb-046d_C270_HD_WEBCAM_2E1B-video-index0';
  expect(parseCameraAddress(`v4l2:${byId}`).path).toBe(byId);
  for (const text of [
    'v4l2:',
    'v4l2:video0',
    'v4l2:/dev/sda',
    'v4l2:/dev/video0/../sda',
    'v4l2:/dev/v4l/by-id/../../sda',
  ]) {
    expect(() => parseCameraAddress(text)).toThrow('it is no video device such as v4l2:/dev/video0');
  }
});

describe('as text', () => {
  const address = parseCameraAddress(
    'http://admin:S3cretPw@cam:8080/user=root&pass=S3cretPw/x?loginuse=admin&loginpas=S3cretPw&S3cretPw&n',
  );
  const shown = 'http://***@cam:8080/user=***&pass=***/x?loginuse=***&loginpas=***&***&***';

  test('it is always without credentials, of a query the names of its parameters only', () => {
    expect([address.display(), `${address}`, JSON.stringify(address), inspect(address)]).toEqual([
      shown,
      shown,
      JSON.stringify(shown),
      shown,
    ]);
  });
});

test.each([
  ['rtsp://DOMAIN/admin:S3cret@camera/stream', 'rtsp://DOMAIN/***@camera/stream'],
  ['rtsp://ad/min:S3/cr:et@camera/user=a&password=b', 'rtsp://ad/***@camera/user=***&password=***'],
  ['rtsp://camera/live:1/stream', 'rtsp://camera/live:1/stream'],
  ['rtsp://camera/stream@2', 'rtsp://camera/stream@2'],
])('a user name with a raw slash puts no password into what is shown: %s', (text, shown) => {
  expect(parseCameraAddress(text).display().toLowerCase()).toBe(shown.toLowerCase());
});

test.each(['1#2/3?4', 'p@ss: "w0rd"', '100%25', 'pässwörd', "*'()!"])(
  'ffmpeg sends the password %j as it is',
  async (password) => {
    const headers: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      headers.push(request.headers.authorization);
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="camera"' }).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const address = parseCameraAddress(`http://127.0.0.1:${port}/stream?a=1`);
    const href = address.withCredentials({ username: 'admin', password }).href();
    await promisify(execFile)('ffmpeg', ['-i', href]).catch(() => undefined);
    server.close();
    const login = Buffer.from(`admin:${password}`).toString('base64');
    expect(headers).toContain(`Basic ${login}`);
  },
);

test('any text is read or refused at once', () => {
  const long = (text: string) => text.repeat(4000 / text.length);
  for (const text of ['@', ':', '@a', 'a@', '/@', '?@', '#', '[', '%', '%ff', 'a.', '-', ',mqtt://']) {
    for (const parse of [parseCameraAddress, parseBrokerAddresses]) {
      for (const prefix of ['', 'rtsp://', 'mqtt://', 'rtsp://a:', 'rtsp://a:b@']) {
        const began = performance.now();
        refusalOf(prefix + long(text), parse);
        expect(performance.now() - began).toBeLessThan(HANG_MS);
      }
    }
  }
});
