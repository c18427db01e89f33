/** The lines are those of ffmpeg 5.1 and 9.0 for the failure in question. */
import { expect, test } from 'vitest';
import { diagnose } from '../../src/capture/diagnosis.js';

const camera = { name: 'back-yard', transport: 'udp', hwaccel: 'vaapi', decoder: 'h264_v4l2m2m' } as const;
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
  ['time-out', ['[error] rtsp://10.9.9.9/x: Connection timed out'], 'the camera did not answer in time'],
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
  expect(diagnose(complaints, failed, camera)).toBe(sentence);
});

test('single broken pictures are not why a stream ended', () => {
  const complaints = [
    '[h264 @ 0x5] [error] error while decoding MB 503 404, bytestream -5',
    '[error] Error while decoding stream #0:0: Invalid data found when processing input',
  ];
  expect(diagnose(complaints, { code: 0, signal: null }, camera)).toBe('the camera ended the stream');
});

test('no decoder was asked for', () => {
  const complaints = ['[error] Cannot determine format of input stream 0:0 after EOF'];
  const sentence = diagnose(complaints, failed, { ...camera, decoder: undefined });
  expect(sentence).toBe("ffmpeg cannot decode this camera's picture");
});

test.each([
  ['SIGKILL', 'ffmpeg was ended by SIGKILL, as when memory runs out'],
  ['SIGSEGV', 'ffmpeg was ended by SIGSEGV'],
] as const)('ended by %s', (signal, sentence) => {
  expect(diagnose([], { code: null, signal }, camera)).toBe(sentence);
});

test('never started', () => {
  const error = new Error('spawn /opt/ffmpeg EACCES');
  expect(diagnose([], { code: null, signal: null, error }, camera)).toBe(
    'ffmpeg could not be started: spawn /opt/ffmpeg EACCES',
  );
});
