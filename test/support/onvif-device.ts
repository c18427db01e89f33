/**
 * An ONVIF device after the messages of the specification: WS-Discovery (ONVIF Core, 7.3), the device and the media service, and
 * user names by WS-Security's UsernameToken (Core, 5.9.4). It answers on loopback only.
 */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OnvifStream {
  token: string;
  name: string;
  url: string;
  codec: string;
  width: number;
  height: number;
  fps: number;
}

export interface OnvifDevice extends AsyncDisposable {
  /** Of its services, on 127.0.0.1. */
  port: number;
}

export interface OnvifOptions {
  streams?: readonly OnvifStream[];
  login?: { username: string; password: string };
  /** Scopes of its answer to a probe. */
  scopes?: string;
  /** In place of every answer of its services. */
  answer?: string;
  /** In place of its answer to a probe. */
  probeAnswer?: string;
}

const GROUP = '239.255.255.250';
const NAMESPACES =
  'xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" ' +
  'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema" ' +
  'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"';

const envelope = (body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><e:Envelope ${NAMESPACES}><e:Header/><e:Body>${body}</e:Body></e:Envelope>`;

const NOT_AUTHORIZED = envelope(
  '<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized</e:Value></e:Subcode></e:Code>' +
    '<e:Reason><e:Text xml:lang="en">Sender not Authorized</e:Text></e:Reason></e:Fault>',
);

export async function startOnvifDevice(options: OnvifOptions = {}): Promise<OnvifDevice> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const isPublic = /GetSystemDateAndTime|GetServices|GetCapabilities/.test(body);
    const isAllowed = isPublic || options.login === undefined || isAuthenticated(body, options.login);
    response.writeHead(isAllowed ? 200 : 400, { 'content-type': 'application/soap+xml; charset=utf-8' });
    response.end(options.answer ?? (isAllowed ? answer(body, options, port) : NOT_AUTHORIZED));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const responder = await startResponder(options, port);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      responder.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function startResponder({ scopes = '', probeAnswer }: OnvifOptions, port: number) {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (message, { port: replyPort, address }) => {
    const text = message.toString();
    if (!/:Probe>|<Probe/.test(text) || !text.includes('NetworkVideoTransmitter')) return;
    const relatesTo = /MessageID>([^<]*)</.exec(text)?.[1] ?? '';
    const match =
      `<d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:${port}</a:Address></a:EndpointReference>` +
      `<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>${scopes}</d:Scopes>` +
      `<d:XAddrs>http://[fe80::1]/onvif/device_service http://127.0.0.1:${port}/onvif/device_service</d:XAddrs></d:ProbeMatch>`;
    const reply =
      probeAnswer ??
      envelope(`<d:ProbeMatches>${match}</d:ProbeMatches>`).replace(
        '<e:Header/>',
        `<e:Header><a:RelatesTo>${relatesTo}</a:RelatesTo></e:Header>`,
      );
    socket.send(reply, replyPort, address);
  });
  socket.bind(3702, GROUP);
  await once(socket, 'listening');
  socket.addMembership(GROUP, '127.0.0.1');
  return socket;
}

/** PasswordDigest = Base64(SHA-1(nonce + created + password)), from the UsernameToken profile 1.0. */
function isAuthenticated(
  body: string,
  { username, password }: { username: string; password: string },
): boolean {
  const part = (name: string) => new RegExp(`<(?:\\w+:)?${name}(?: [^>]*)?>([^<]*)<`).exec(body)?.[1] ?? '';
  const digest = createHash('sha1')
    .update(Buffer.from(part('Nonce'), 'base64'))
    .update(part('Created') + password)
    .digest('base64');
  return part('Username') === username && part('Password') === digest;
}

function answer(body: string, { streams = [] }: OnvifOptions, port: number): string {
  const address = `http://127.0.0.1:${port}/onvif`;
  if (body.includes('GetSystemDateAndTime')) return envelope(dateAndTime());
  if (body.includes('GetServices')) {
    const service = (namespace: string, name: string) =>
      `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>${address}/${name}</tds:XAddr>` +
      '<tds:Version><tt:Major>2</tt:Major><tt:Minor>42</tt:Minor></tds:Version></tds:Service>';
    return envelope(
      `<tds:GetServicesResponse>${service('http://www.onvif.org/ver10/device/wsdl', 'device_service')}${service(
        'http://www.onvif.org/ver10/media/wsdl',
        'media_service',
      )}</tds:GetServicesResponse>`,
    );
  }
  if (body.includes('GetDeviceInformation')) {
    return envelope(
      '<tds:GetDeviceInformationResponse><tds:Manufacturer>Acme&#xA;</tds:Manufacturer><tds:Model>Eye 2000</tds:Model>' +
        '<tds:FirmwareVersion>1.0</tds:FirmwareVersion><tds:SerialNumber>1</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId>' +
        '</tds:GetDeviceInformationResponse>',
    );
  }
  if (body.includes('GetProfiles')) {
    return envelope(`<trt:GetProfilesResponse>${streams.map(profile).join('')}</trt:GetProfilesResponse>`);
  }
  if (body.includes('GetVideoSources')) {
    return envelope(
      '<trt:GetVideoSourcesResponse><trt:VideoSources token="source"><tt:Framerate>25</tt:Framerate></trt:VideoSources></trt:GetVideoSourcesResponse>',
    );
  }
  const token = /ProfileToken>([^<]*)</.exec(body)?.[1];
  const stream = streams.find((each) => each.token === token);
  const url = (stream?.url ?? '').replaceAll('&', '&amp;');
  return envelope(
    `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${url}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>`,
  );
}

function dateAndTime(): string {
  const now = new Date();
  const time = `<tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time>`;
  const date = `<tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date>`;
  return `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime>${time}${date}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`;
}

function profile({ token, name, codec, width, height, fps }: OnvifStream): string {
  return (
    `<trt:Profiles token="${token}" fixed="true"><tt:Name>${name}</tt:Name>` +
    '<tt:VideoSourceConfiguration token="v"><tt:Name>v</tt:Name><tt:UseCount>1</tt:UseCount><tt:SourceToken>source</tt:SourceToken></tt:VideoSourceConfiguration>' +
    `<tt:VideoEncoderConfiguration token="e"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>${codec}</tt:Encoding>` +
    `<tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution>` +
    `<tt:RateControl><tt:FrameRateLimit>${fps}</tt:FrameRateLimit></tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>`
  );
}
