/** What leaves the process: no credential in any form, no control character, and no slow expression. */
import { describe, expect, test, vi } from 'vitest';
import { parseBrokerAddresses } from '../../src/address/broker.js';
import { parseCameraAddress } from '../../src/address/camera.js';
import { createLog } from '../../src/observe/log.js';
import { secretsOfAddress, secretsOfLogin } from '../../src/secrets/literals.js';
import { redactText } from '../../src/secrets/redact.js';
import { withoutRespelled } from '../../src/secrets/respelled.js';
import { memoryOutput } from '../support/log.js';

function escapeOf(text: string, at: number): string {
  return at < text.length ? `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}` : '';
}

/** Far more than a busy machine needs: what takes longer hangs. */
const HANG_MS = 10_000;

describe('what has the form of a credential is hidden, known or not', () => {
  test.each([
    ['rtsp://admin:S3cretPw@cam/x', 'rtsp://***@cam/x'],
    ['rtsp://admin:S3cret Pw@cam/x', 'rtsp://***@cam/x'],
    ['rtsp://admin:S3cret"Pw@cam/x failed', 'rtsp://***@cam/x failed'],
    ['rtsp://admin:S3cret@Pw@cam/x', 'rtsp://***@cam/x'],
    ['rtsp://admin:a://S3cretPw@cam/x', 'rtsp://***@cam/x'],
    ['no rtsp://a:S3cretPw@b/ and http://c:S3cretPw@d/', 'no rtsp://***@b/ and http://***@d/'],
    ['odd+scheme://admin:S3cretPw@cam', 'odd+scheme://***@cam'],
    ['http://cam/v?loginuse=admin&loginpas=S3cretPw', 'http://cam/v?loginuse=***&loginpas=***'],
    ['http://cam/v?S3cretPw', 'http://cam/v?***'],
    ['http://cam/v?a=b?c=S3cretPw', 'http://cam/v?a=***'],
    ['rtsp://cam/user=admin&password=S3cretPw&channel=1', 'rtsp://cam/user=***&password=***&channel=***'],
    ['GET /v?loginuse=admin&loginpas=S3cretPw HTTP/1.1', 'GET /v?loginuse=***&loginpas=*** HTTP/1.1'],
    ['sent loginuse=admin&loginpas=S3cretPw', 'sent loginuse=***&loginpas=***'],
    ['admin:S3cretPw@10.0.0.7/stream', '***@10.0.0.7/stream'],
    ['(admin:S3cret@Pw@cam)', '(***@cam)'],
    ['//admin:S3cretPw@cam/x', '//***@cam/x'],
    ['rtsp:/admin:S3cretPw@cam/x', '***@cam/x'],
    ['Authorization: Basic YWRtaW46UzNjcmV0UHc=', 'Authorization: ***'],
    ['authorization: Digest username="admin", response="S3cretPw"', 'authorization: ***'],
    ['Proxy-Authorization=Bearer S3cretPw.S3cretPw', 'Proxy-Authorization= ***'],
    ['"Cookie": "session=S3cretPw"', '"Cookie": ***'],
    ['got Basic YWRtaW46UzNjcmV0UHc= from you', 'got Basic *** from you'],
    ['password=S3cretPw', 'password=***'],
    ['rtsps://cam:7441/GzSqOXkR6lHUXuPd?enableSrtp', 'rtsps://cam:7441/***?***'],
    ['http://cam/tok/9f86d081884c7d65/live.m3u8', 'http://cam/tok/***/live.m3u8'],
    ['rtsp://cam/9f86d081-884c-4d65-9a2f-eaa0c55ad015', 'rtsp://cam/***'],
    ['rtsp://cam:554/user:admin,password:S3cretPw', 'rtsp://cam:554/user:***'],
    ['rtsp://[fe80::1%25eth0]:554/cam@admin:S3cretPw/0', 'rtsp://***@admin:***/0'],
    ['rtsp://admin:S3cretPw@[2001:db8::1]:554/live', 'rtsp://***@[2001:db8::1]:554/live'],
    ['rtsp://admin:S3cretPw@[2001:db8::1]/live', 'rtsp://***@[2001:db8::1]/live'],
    ['mqtt://[::1]:S3cretPw', 'mqtt://[::1]:***'],
    ['rtsp://[::1]admin:S3cretPw/x', 'rtsp://[::1]admin:***/x'],
    ['rtsp://[admin:S3cretPw]/x', 'rtsp://[admin:***/x'],
    ['rtsp://[admin:S3cretPw', 'rtsp://[admin:***'],
    ['sent response="6629fae49393a05397450978507c4ef1"', 'sent response=***'],
  ])('%s', (text, shown) => {
    expect(redactText(text)).toBe(shown);
    expect(redactText(`before\n${text}\nafter`)).toBe(`before\n${shown}\nafter`);
  });

  test.each([
    'connected to mqtt://localhost:1883',
    'rtsp://camera:554/Streaming/Channels/101 was not found',
    'rtsp://[2001:db8::1]:554/live was not found',
    'rtsp://[2001:db8::1]/live was not found',
    'cannot reach (mqtt://[::1]), mqtts://[fe80::1%25eth0]: refused',
    'rtsp://camera/h264Preview_01_main, /ISAPI/Streaming/channels/102/httpPreview, http://camera/livestream12',
    '[rtsp @ 0x55d0c0] method DESCRIBE failed: 401 Unauthorized',
    '[in#0 @ 0x5] Error opening input rtsp://cam/x: [tcp @ 0x6] refused',
    'MQTT_PASSWORD: set without MQTT_USERNAME; expected both or neither',
    'a basic understanding of person: threshold 0.5, area 0.002..0.5',
    'what is it? a person at 12:30:05, score=0.9',
    'docs@example.org',
  ])('%s is left as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('letters beyond ASCII that come back spelled in another way', () => {
  const password = 'pässwört-S3cret';
  const secrets = secretsOfLogin({ username: 'ü', password });
  const each = (spell: (code: string) => string) =>
    [...password].map((letter) => spell(letter.charCodeAt(0).toString(16).padStart(4, '0'))).join('');
  test.each([
    ['Latin-1 that is read as UTF-8', Buffer.from(password, 'latin1').toString()],
    ['UTF-8 that is read as Latin-1', Buffer.from(password).toString('latin1')],
    ['accents of their own', password.normalize('NFD')],
    ['in capitals', password.toUpperCase()],
    ['with question marks', 'p?ssw?rt-S3cret'],
    ['without them', 'psswrt-S3cret'],
    ['without their accents', 'passwort-S3cret'],
    ['in HTML', 'p&auml;ssw&ouml;rt-S3cret'],
    ['as JavaScript escapes', 'p%u00e4ssw%u00f6rt-S3cret'],
    ['as JavaScript escapes, all of them', each((code) => `%u${code}`)],
    ['as code points', each((code) => `\\u{${code}}`)],
    ['as code points of Perl', each((code) => `\\x{${code}}`)],
    ['in UTF-7', 'p+AOQ-ssw+APY-rt-S3cret'],
  ])('%s', (_, echoed) => {
    expect(redactText(`method OPTIONS failed: 418 ${echoed} (camera)`, secrets)).toBe(
      'method OPTIONS failed: 418 *** (camera)',
    );
  });

  test.each(['ключ', '鍵鍵鍵', 'żółć', '🔑🔑'])('none but such, %s', (foreign) => {
    const own = secretsOfLogin({ username: 'u', password: foreign });
    for (const echoed of [foreign.normalize('NFD'), Buffer.from(foreign).toString('latin1')])
      expect(redactText(`418 ${echoed} x`, own)).toBe('418 *** x');
  });

  test.each(['the password passed; words wrote -S3', 'p ssw', 'a stream of 640x360'])(
    '%s is left as it is',
    (text) => {
      expect(redactText(text, secrets)).toBe(text);
    },
  );

  test.each([
    ['übung', 'bung', 'ubung'],
    ['cameraä', 'camera', 'cameraa'],
    ['Öffnen', 'ffnen', 'Offnen'],
    ['żstreamż', 'stream', 'zstreamz'],
  ])('at the ends of a word, %s: the word alone is no secret', (foreign, word, plain) => {
    const own = secretsOfLogin({ username: 'u', password: foreign });
    for (const text of [`the ${word} is here`, `Wer${word}, ${word}s`, `/${word}/1`])
      expect(redactText(text, own)).toBe(text);
    const html = foreign.replace(/[^\0-\x7f]/g, (letter) => `&#${letter.charCodeAt(0)};`);
    const script = foreign.replace(/[^\0-\x7f]/g, (letter) => `%u00${letter.charCodeAt(0).toString(16)}`);
    for (const echoed of [
      foreign.replace(/[^\0-\x7f]/g, '\uFFFD'),
      Buffer.from(foreign).toString('latin1'),
      foreign.toUpperCase(),
      foreign.normalize('NFD'),
      foreign.replace(/[^\0-\x7f]/g, '?'),
      html,
      script,
      plain,
    ])
      expect(redactText(`418 ${echoed} x`, own), echoed).not.toContain(word);
  });

  test.each(['üS3cret', 'pa-ssü', 'camEraü', 'cam1ü'])(
    'at the end of what is no word, %s: the rest alone is one',
    (foreign) => {
      const own = secretsOfLogin({ username: 'u', password: foreign });
      const rest = foreign.replace('ü', '');
      expect(redactText(`418 ${rest} x`, own)).toBe('418 *** x');
    },
  );

  test('what a line costs grows with its length, and no faster', () => {
    const hostile = secretsOfLogin({ username: 'u', password: 'aaäaaäaaäaaäaaäb' });
    const [half, whole] = [2000, 4000].map((length) =>
      charactersRead(() => withoutRespelled('a'.repeat(length), hostile)),
    );
    expect(half).toBeGreaterThan(2000);
    expect(whole).toBeLessThan(2.1 * (half ?? 0));
  });
});

/** How many characters are looked at or copied by the methods of strings. */
function charactersRead(work: () => void): number {
  let count = 0;
  const { indexOf, slice } = String.prototype;
  const spies = [
    vi.spyOn(String.prototype, 'indexOf').mockImplementation(function (this: string, part, from = 0) {
      const at = indexOf.call(this, part, from);
      count += (at < 0 ? this.length : at + part.length) - from;
      return at;
    }),
    vi.spyOn(String.prototype, 'slice').mockImplementation(function (this: string, begin, end) {
      const text = slice.call(this, begin, end);
      count += text.length;
      return text;
    }),
  ];
  try {
    work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return count;
}

describe('a camera that echoes what it was sent', () => {
  const password = `S3"cr\\t &<'>Pw ä`;
  const address = parseCameraAddress('http://cam/v?k=Qu3ryS3cret&x=pa%20ss%2Fword&stream=1').withCredentials({
    username: 'admin',
    password,
  });
  const secrets = secretsOfAddress(address);
  const login = `admin:${password}`;
  test.each([
    ['as it is', password],
    ['in JSON', JSON.stringify({ password })],
    ['in a URL', encodeURIComponent(password)],
    ['in a URL, in lower case', encodeURIComponent(password).replace(/%../g, (code) => code.toLowerCase())],
    ['in a form', new URLSearchParams({ p: password }).toString()],
    ['in our address', address.href()],
    [
      'in HTML',
      password
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;'),
    ],
    ['as a login', login],
    ['as a login in base64', Buffer.from(login).toString('base64')],
    ['as a login in base64 for URLs', Buffer.from(login).toString('base64url')],
    ['in base64', Buffer.from(password).toString('base64')],
    ['the value of a query', 'Qu3ryS3cret'],
    ['the value of a query, decoded', 'pa ss/word'],
    ['the value of a query, encoded', 'pa%20ss%2Fword'],
  ])('%s', (_, echoed) => {
    const shown = redactText(`<p>you sent >${echoed}<, go away</p>`, secrets);
    expect(shown).toContain('***');
    for (const part of ['S3', 'Pw', 'UzMi', 'YWRtaW4', 'Qu3ry', 'ss/w', 'ss%2Fw'])
      expect(shown).not.toContain(part);
  });

  const hex = (text: string, encoding: BufferEncoding = 'utf8') =>
    Buffer.from(text, encoding).toString('hex');
  const bytes = hex(password).match(/../g) ?? [];
  test.each([
    ['in UTF-16', [...password].join('\0')],
    ['in hexadecimal digits', hex(password)],
    ['in capital hexadecimal digits', hex(login).toUpperCase()],
    ['in hexadecimal digits of UTF-16', hex(password, 'utf16le')],
    ['as a dump', bytes.join(' ')],
    ['as another dump', bytes.join(':')],
    ['as a dump of C', bytes.map((byte) => `0x${byte}`).join(', ')],
    ['as text of C', bytes.map((byte) => `\\x${byte}`).join('')],
    ['as octal text of C', password.replace('ä', '\\303\\244')],
    ['in a URL, every byte', bytes.map((byte) => `%${byte}`).join('')],
    ['in a URL, in Latin-1', encodeURIComponent(password).replace('%C3%A4', '%E4')],
    ['in a URL, twice', encodeURIComponent(encodeURIComponent(password))],
    ['in HTML, every character', [...password].map((c) => `&#${c.charCodeAt(0)};`).join('')],
    ['in HTML, hexadecimal', [...password].map((c) => `&#x${c.charCodeAt(0).toString(16)};`).join('')],
    ['in JSON, every character', bytes.map((_, at) => escapeOf(password, at)).join('')],
    ['in base64, after other text', Buffer.from(`user=${login}\n`).toString('base64')],
    ['in base64, in Latin-1', Buffer.from(login, 'latin1').toString('base64')],
    ['in base64, in UTF-16', Buffer.from(`.${login}`, 'utf16le').toString('base64url')],
  ])('%s', (_, echoed) => {
    expect(redactText(`<p>you sent >${echoed}<, go away</p>`, secrets)).toMatch(
      /^<p>you sent >\*\*\*(?:==?)?<, go away<\/p>$/,
    );
  });

  test('what is encoded and no secret stays', () => {
    const text = '50% of 0x55d0c0ffee00 &amp; 53:33:63:72 \\x53 YWRtaW4= /Streaming/Channels/101 %41';
    expect(redactText(text, secrets)).toBe(text);
  });

  test('a short password in digits or base64 of its own', () => {
    const short = secretsOfLogin({ username: 'u', password: 'cat' });
    expect(redactText('636174 Y2F0 %63%61%74 63617465 Y2F0ZQ %63at', short)).toBe(
      '*** *** *** 63617465 Y2F0ZQ %63at',
    );
  });

  test('with its line cut in the middle of it', () => {
    for (let length = 6; length < password.length; length++) {
      const shown = redactText(`${'x'.repeat(500)} ${password.slice(0, length)}`, secrets);
      expect(shown).toMatch(/^x+ \*\*\*$/);
    }
  });

  test('the token in the path of its address, wherever it is', () => {
    const ofPath = secretsOfAddress(parseCameraAddress('rtsps://cam/GzSqOXkR6lHUXuPd'));
    expect(redactText('no stream GzSqOXkR6lHUXuPd here', ofPath)).toBe('no stream *** here');
  });

  test.each([
    ['http://cam/v?user=admin;pwd=S3cretPw', 'a semicolon'],
    ['http://cam/v?user=admin&amp;pwd=S3cretPw', 'the & of HTML'],
    ['http://cam/v?user=admin%26pwd=S3cretPw', 'an encoded &'],
    ['http://cam/v?user%3Dadmin%26pwd%3DS3cretPw', 'all of it encoded'],
    ['http://cam/v?a=b?pwd=S3cretPw', 'another ?'],
    ['http://cam/v?auth=admin:S3cretPw', 'a colon'],
    ['http://cam/v?auth=admin,S3cretPw', 'a comma'],
    ['http://cam/v?x=1|pwd=S3cretPw', 'a bar'],
    ['http://cam/v?S3cretPw', 'nothing, and no name'],
    ['http://cam/v?S3cretPw&channel=1', 'an &, and no name'],
    ['http://cam/v;user=admin:pwd=S3cretPw/x', 'a colon in the path'],
    ['rtsp://cam/user=admin_password=S3cretPw_channel=1_stream=0.sdp', 'the _ of XM'],
    ['rtsp://S3cretPw@cam/x', 'an @, as a user name without a password'],
    ['rtsp://S3cretPw:@cam/x', 'an empty password'],
  ])('the value alone, of %s: separated by %s', (address) => {
    const secrets = secretsOfAddress(parseCameraAddress(address));
    const shown = redactText('it says S3cretPw, UzNjcmV0UHc6 and %533cretPw', secrets);
    expect(shown).not.toMatch(/3cret|UzNjc/);
    expect(redactText(`wrong: ${address}`, secrets)).not.toContain('3cret');
    expect(parseCameraAddress(address).display()).not.toContain('3cret');
  });

  const device = '/dev/v4l/by-path/platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2:1.0-video-index0';
  test.each([
    [
      'rtsp://viewer@cam:8554/h264Preview_01_main/trackID=1?live&tcp',
      'viewers of h264Preview_01_main and trackID, live over tcp at cam:8554',
    ],
    [`v4l2:${device}`, `${device}: 01:00.0-usb-0 at 0000:01:00.0 is gone`],
    ['/clips/Yard 2026-11-26 12:30:00 street.mp4', '/clips/Yard 2026-11-26 12:30:00 street.mp4 at 30:00'],
  ])('words of an address that are no credential stay: %s', (address, text) => {
    expect(redactText(text, secretsOfAddress(parseCameraAddress(address)))).toBe(text);
  });

  test('a short password is hidden as a word', () => {
    const short = secretsOfLogin({ username: 'u', password: 'cat' });
    expect(redactText('cat, "cat", =cat; category', short)).toBe('***, "***", =***; category');
  });

  test('of a broker too', () => {
    const broker = parseBrokerAddresses('mqtt://me:br0kerPw@host');
    expect(redactText('me:br0kerPw was refused', secretsOfLogin(broker))).toBe('*** was refused');
  });
});

describe('characters that a terminal or a reader of lines obeys', () => {
  const hostile = [
    '\0',
    '\x07',
    '\x1b[2J',
    '\r',
    '\x7f',
    '\x85',
    '\x9b31m',
    '\u2028',
    '\u2029',
    '\u202e',
    '\u2066',
    '\ud800',
  ];

  test.each(hostile.map((text) => [JSON.stringify(text), text]))('%s', (_, text) => {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', output: memoryOutput(lines) });
    log.warn(`said ${text}!`, { field: text, nested: [{ [text]: text }], error: new Error(text) });
    for (const shown of [redactText(text), ...lines.map((line) => line.replaceAll('\n', ''))]) {
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u);
    }
    expect(lines).toHaveLength(1);
  });

  test('nobody can write a line of the log', () => {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', output: memoryOutput(lines) });
    log.warn('it said: x\n[2026-11-25 00:00:00.000] INFO: all is well', { a: 'x\nINFO: y' });
    expect(lines.join('').split('\n').slice(1, -1)).toEqual([expect.stringMatching(/^ {4}/)]);
  });
});

test('the log redacts messages, fields, errors and addresses in them', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', secrets: ['Hunter2!'], output: memoryOutput(lines) });
  log.info('Hunter2!', {
    url: parseCameraAddress('rtsp://u:0therPw@cam/x'),
    ffmpeg: ['tcp://u:0therPw@cam', { deep: 'Hunter2!' }],
    err: new Error('Hunter2!', { cause: new Error('Hunter2!') }),
  });
  expect(lines.join('')).not.toMatch(/Hunter2|0therPw/);
  expect(lines.join('')).toContain('rtsp://***@cam/x');
});

test('no text takes long', () => {
  const secrets = secretsOfAddress(parseCameraAddress('rtsp://admin:S3cretPw@cam/x?a=Qu3ryS3cret'));
  const units = [
    'a',
    'a.',
    '://',
    'a://',
    '@',
    'a@',
    ':@',
    'a:',
    '=',
    'a=',
    '&',
    'a=b&',
    '?',
    '?a=',
    ' ',
    'basic ',
    '%',
    '%25',
    '%41',
    '\\x41',
    '\\u0041',
    '&#',
    '&#65;',
    '41 ',
    '0x',
    '"',
    'S3cretP',
    'rtsp://a@',
    '\n',
    '\u2028',
  ];
  for (const unit of units) {
    const text = unit.repeat(200_000 / unit.length);
    const began = performance.now();
    redactText(text, secrets);
    redactText(text.slice(0, 8000), secrets);
    expect(performance.now() - began, JSON.stringify(unit)).toBeLessThan(HANG_MS);
  }
});
