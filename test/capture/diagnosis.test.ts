/** The lines are those of ffmpeg 5.1 and 9.0 for the failure in question. */
import { expect, test } from 'vitest';
import { parseCameraAddress } from '../../src/address/camera.js';
import { diagnose, type Evidence, silenceReason } from '../../src/capture/diagnosis.js';
import { defaultCameraConfig } from '../../src/config/types.js';

const camera = defaultCameraConfig({
  name: 'back-yard',
  url: 'rtsp://user:password@camera/s',
  transport: 'udp',
  hwaccel: 'vaapi',
  decoder: 'h264_v4l2m2m',
});
const evidence: Evidence = {
  inputKind: 'stream',
  frames: 0,
  answered: false,
  codec: undefined,
  format: undefined,
  seconds: 1,
};
const failed = { code: 1, signal: null };

test.each([
  [
    'wrong password',
    [
      '[rtsp @ 0x565115321a00] [error] method DESCRIBE failed: 401 Unauthorized',
      '[error] rtsp://***@127.0.0.1:34737/stream: Server returned 401 Unauthorized (authorization failed)',
    ],
    'the camera refused user name or password (401 Unauthorized)',
  ],
  [
    'forbidden',
    ['[error] http://127.0.0.1/x: Server returned 403 Forbidden (access denied)'],
    'the camera does not let this user see this stream (403 Forbidden)',
  ],
  [
    'wrong path',
    [
      '[rtsp @ 0x5] [error] method DESCRIBE failed: 404 Not Found',
      '[error] rtsp://127.0.0.1/nothing: Server returned 404 Not Found',
    ],
    'the camera has no such stream (404 Not Found): check the path in CAMERA_BACK_YARD_URL',
  ],
  [
    'transport not offered',
    ['[rtsp @ 0x5] [error] method SETUP failed: 461 Unsupported Transport'],
    'the camera does not send over udp: set CAMERA_BACK_YARD_TRANSPORT=tcp',
  ],
  [
    'too many viewers',
    ['[rtsp @ 0x5] [error] method SETUP failed: 453 Not Enough Bandwidth'],
    'the camera serves no more viewers (too many connections, or out of bandwidth)',
  ],
  [
    'another answer',
    ['[rtsp @ 0x5] [error] method PLAY failed: 455 Method Not Valid In This State'],
    'the camera answered "455 Method Not Valid In This State" to PLAY',
  ],
  [
    'unknown host',
    [
      '[tcp @ 0x5] [error] Failed to resolve hostname nope.invalid: Name or service not known',
      '[error] rtsp://nope.invalid/x: Input/output error',
    ],
    'host nope.invalid was not found: check the name in CAMERA_BACK_YARD_URL',
  ],
  [
    'nothing listens',
    [
      '[tcp @ 0x5] [error] Connection to tcp://127.0.0.1:1?timeout=0 failed: Connection refused',
      '[in#0 @ 0x5] [error] Error opening input: Connection refused',
      '[error] Error opening input file rtsp://127.0.0.1:1/x.',
    ],
    "connection refused: nothing listens at that address; check host and port in CAMERA_BACK_YARD_URL, and that the camera's service is switched on",
  ],
  [
    'no route',
    ['[tcp @ 0x5] [error] Connection to tcp://10.9.9.9:554 failed: No route to host'],
    'the camera cannot be reached (No route to host): is it switched on, and in this network?',
  ],
  ['time-out', ['[error] rtsp://10.9.9.9/x: Connection timed out'], 'the camera did not answer within 10 s'],
  ['reset', ['[error] rtsp://10.9.9.9/x: Connection reset by peer'], 'the camera broke the connection off'],
  [
    'no TLS there',
    [
      '[tls @ 0x5] [error] An unexpected TLS packet was received.',
      '[error] https://127.0.0.1:8911/none: Input/output error',
    ],
    'no TLS connection with the camera (An unexpected TLS packet was received.): check scheme and port in CAMERA_BACK_YARD_URL',
  ],
  [
    'a certificate that nobody known signed, GnuTLS',
    [
      '[tls @ 0x5] [error] Unable to verify peer certificate: The certificate is NOT trusted. The certificate issuer is unknown. ',
      '[error] https://127.0.0.1:8911/x: Input/output error',
    ],
    'the certificate of the camera is not trusted (The certificate is NOT trusted. The certificate issuer is unknown. ): set CAMERA_BACK_YARD_TLS_CA to the file of its authority, or CAMERA_BACK_YARD_TLS_VERIFY=false to accept any',
  ],
  [
    'a protocol that is not followed',
    ["[sdp @ 0x5] [error] Protocol 'udp' not on whitelist 'http,tcp'!"],
    'the camera refers to an address of the protocol udp, which is not followed from rtsp',
  ],
  [
    'pieces of a playlist by another name',
    [
      '[hls @ 0x5] [error] URL http://camera/segment?id=7 is not in allowed_segment_extensions',
      '[error] http://camera/x.m3u8: Invalid data found when processing input',
    ],
    "the camera's playlist names pieces whose names do not end as those of video (.ts, .mp4), which this ffmpeg refuses: set CAMERA_BACK_YARD_URL to another of the camera's addresses, such as its RTSP",
  ],
  [
    'a picture that is too large',
    ['[h264 @ 0x5] [error] Picture size 8192x8192 exceeds specified max pixel count 33554432'],
    'the picture of the camera is larger than 33 million pixels: choose a smaller one in the camera',
  ],
  [
    'missing file',
    ['[error] file:nope.mp4: No such file or directory'],
    'the video file cannot be read (No such file or directory): check CAMERA_BACK_YARD_URL',
  ],
  [
    'hardware without a device',
    [
      '[error] Device creation failed: -542398533.',
      '[h264 @ 0x5] [error] No device available for decoder: device type vaapi needed for codec h264.',
      '[error] Device setup failed for decoder on input stream #0:0 : Generic error in an external library',
    ],
    'ffmpeg cannot use the hardware acceleration "vaapi" here: change or remove CAMERA_BACK_YARD_HWACCEL',
  ],
  [
    'decoder without a device',
    [
      '[h264_v4l2m2m @ 0x5] [error] Could not find a valid device',
      "[h264_v4l2m2m @ 0x5] [error] can't configure decoder",
      '[vist#0:0/h264 @ 0x5] [dec:h264_v4l2m2m @ 0x5] [error] Error while opening decoder: Invalid argument',
    ],
    'ffmpeg cannot use the decoder "h264_v4l2m2m" here: change or remove CAMERA_BACK_YARD_DECODER',
  ],
  [
    'sound only',
    ["[fatal] Stream map '0:v:0' matches no streams."],
    'there is no picture at this address, only sound or data: check CAMERA_BACK_YARD_URL',
  ],
  [
    'not a video',
    ['[in#0 @ 0x5] [error] Error opening input: Invalid data found when processing input'],
    'what comes from this address is no video that ffmpeg knows: check CAMERA_BACK_YARD_URL',
  ],
  [
    'ffmpeg too old',
    ["[fatal] Unrecognized option 'allowed_media_types'."],
    'this ffmpeg does not know the option allowed_media_types: set FFMPEG_PATH to version 4.1 or later',
  ],
  [
    'something else',
    ['[warning] first', '[swscaler @ 0x5] [error] the last words'],
    'ffmpeg failed with exit code 1: the last words',
  ],
  ['nothing said', [], 'ffmpeg failed with exit code 1'],
])('%s', (_, complaints, sentence) => {
  expect(diagnose(complaints, failed, camera, evidence)).toBe(sentence);
});

test.each([
  ['no such device', 'Cannot open video device /dev/video0: No such file or directory', /plug it in/],
  ['not ours to open', 'Cannot open video device /dev/video0: Permission denied', /group video/],
  ['in use', 'ioctl(VIDIOC_STREAMON): Device or resource busy', /another program uses \/dev\/video0/],
  ['not for pictures', 'Not a video capture device.', /gives no picture/],
])('a video device that is %s', (_, line, sentence) => {
  const url = parseCameraAddress('v4l2:/dev/video0');
  expect(
    diagnose([`[video4linux2,v4l2 @ 0x5] [error] ${line}`], failed, { ...camera, url }, evidence),
  ).toMatch(sentence);
});

test('single broken pictures are not why a stream ended', () => {
  const complaints = [
    '[h264 @ 0x5] [error] error while decoding MB 503 404, bytestream -5',
    '[error] Error while decoding stream #0:0: Invalid data found when processing input',
  ];
  expect(diagnose(complaints, { code: 0, signal: null }, camera, evidence)).toBe(
    'the camera ended the stream',
  );
});

test.each([
  ['h264_v4l2m2m', 'hevc', true],
  ['hevc', 'h264', true],
  ['mjpeg_cuvid', 'h264', true],
  ['h264_nvmpi', 'h264', false],
  ['libdav1d', 'av1', false],
])('decoder %s for a camera that sends %s', (decoder, codec, mismatch) => {
  const expected = `the camera sends ${codec}, which the decoder "${decoder}" is not for: change or remove CAMERA_BACK_YARD_DECODER`;
  const subject = { ...camera, decoder };
  const known = { ...evidence, answered: true, codec };
  const complaints = ['[error] Error while decoding stream #0:0: Invalid data found when processing input'];
  expect(diagnose(complaints, failed, subject, known) === expected).toBe(mismatch);
  expect(silenceReason(subject, known) === expected).toBe(mismatch);
});

test.each([
  [{ ...evidence, frames: 3 }, 'no frame for 10 s'],
  [evidence, 'the camera did not answer within 10 s'],
  [
    { ...evidence, answered: true, seconds: 60 },
    'the camera answers, but no picture came within 60 s: try it without CAMERA_BACK_YARD_DECODER and CAMERA_BACK_YARD_HWACCEL',
  ],
])('why no frame came: %o', (known, sentence) => {
  expect(silenceReason(camera, known)).toBe(sentence);
});

test('a key frame that does not come is named with what to do', () => {
  const { decoder: _, hwaccel: __, ...software } = camera;
  const subject = { ...software, decoder: undefined, hwaccel: undefined };
  const unknown = { ...subject, url: parseCameraAddress('http://camera/x') };
  expect(silenceReason(unknown, { ...evidence, answered: true, seconds: 60 })).toBe(
    'the camera answers, but what came within 60 s is no video that ffmpeg knows: check CAMERA_BACK_YARD_URL',
  );
  expect(silenceReason(subject, { ...evidence, answered: true, seconds: 60 })).toBe(
    'the camera answers, but no picture came within 60 s: shorten the interval of its key frames (I frames), or raise CAMERA_BACK_YARD_CONNECT_TIMEOUT',
  );
});

test.each([
  [
    '[error] rtsp://c/x: Invalid data found when processing input',
    false,
    'the camera did not answer within 10 s',
  ],
  [
    '[error] Cannot determine format of input stream 0:0 after EOF',
    true,
    /^the camera answers, but no picture came within 11 s/,
  ],
])('silence is not taken for a wrong stream: %s', (complaint, answered, reason) => {
  const known = { ...evidence, answered, seconds: 10.6 };
  expect(diagnose([complaint], failed, camera, known)).toMatch(reason);
  expect(diagnose([complaint], failed, camera, { ...known, seconds: 1 })).not.toMatch(reason);
});

test('no user name was given', () => {
  const complaints = ['[rtsp @ 0x5] [error] method DESCRIBE failed: 401 Unauthorized'];
  const { url } = defaultCameraConfig({ name: 'front', url: 'rtsp://camera/s' });
  expect(diagnose(complaints, failed, { ...camera, url }, evidence)).toBe(
    'the camera wants a user name and a password (401 Unauthorized): set CAMERA_BACK_YARD_USERNAME and CAMERA_BACK_YARD_PASSWORD',
  );
});

test('no decoder was asked for', () => {
  const complaints = ['[error] Cannot determine format of input stream 0:0 after EOF'];
  const sentence = diagnose(complaints, failed, { ...camera, decoder: undefined }, evidence);
  expect(sentence).toBe("ffmpeg cannot decode this camera's picture");
});

test.each([
  ['SIGKILL', 'ffmpeg was ended by SIGKILL, as when memory runs out'],
  ['SIGSEGV', 'ffmpeg was ended by SIGSEGV'],
] as const)('ended by %s', (signal, sentence) => {
  expect(diagnose([], { code: null, signal }, camera, evidence)).toBe(sentence);
});

test('never started', () => {
  const error = new Error('spawn /opt/ffmpeg EACCES');
  expect(diagnose([], { code: null, signal: null, error }, camera, evidence)).toBe(
    'ffmpeg could not be started: spawn /opt/ffmpeg EACCES',
  );
});

test.each([true, false])('TLS that ends at the handshake, verified: %s', (tlsVerify) => {
  const complaints = ['[tls @ 0x5] [error] error:0A000410:SSL routines::sslv3 alert handshake failure'];
  const sentence = diagnose(complaints, failed, { ...camera, tlsVerify }, evidence);
  // Whoever wants a certificate is not helped by less verification, so that comes last.
  expect(sentence).toMatch(
    /^the camera wants a certificate of its viewers, which ghostcam has not, or knows no/,
  );
  expect(sentence.includes('TLS_VERIFY=false accepts old kinds too')).toBe(tlsVerify);
});
