/**
 * The messages of WS-Discovery (April 2005), as the ONVIF Core Specification, 7.3, uses it: the probe for network video
 * transmitters, and what a device answers.
 */
import { randomUUID } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { Parser, processors } from 'xml2js';
import { plainText } from './text.js';
import type { FoundDevice } from './types.js';

/** WS-Discovery: asks every device of the network that sends video, with an id of its own. */
export function probeMessage(): Buffer {
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">
<e:Header><w:MessageID>uuid:${randomUUID()}</w:MessageID>
<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>
<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>
<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>`,
  );
}

type Element = Record<string, unknown>;

/**
 * The devices of a ProbeMatches message; none for any other text.
 * @param sender IPv4 address that the message came from: of a device's addresses, the one there is taken, or its first.
 */
export function parseProbeMatches(message: string, sender: string): FoundDevice[] {
  let root: unknown;
  // With explicitArray every element is a list, whatever its number.
  const parser = new Parser({ tagNameProcessors: [processors.stripPrefix], async: false });
  try {
    parser.parseString(message, (error: unknown, parsed: unknown) => {
      if (!error) root = parsed;
    });
  } catch {
    return [];
  }
  const [matches] = children(root, 'Envelope')
    .flatMap((envelope) => children(envelope, 'Body'))
    .flatMap((body) => children(body, 'ProbeMatches'));
  return children(matches, 'ProbeMatch').flatMap((match) => {
    const address = serviceAddress(children(match, 'XAddrs').map(content).join(' '), sender);
    if (address === undefined) return [];
    return [{ ...address, name: scope(children(match, 'Scopes').map(content).join(' '), 'name') }];
  });
}

function children(parent: unknown, name: string): unknown[] {
  if (typeof parent !== 'object' || parent === null) return [];
  const child = (parent as Element)[name];
  return child === undefined ? [] : Array.isArray(child) ? child : [child];
}

/** The text of an element, with or without attributes. */
function content(element: unknown): string {
  const text = typeof element === 'object' && element !== null ? (element as Element)._ : element;
  return typeof text === 'string' ? text : '';
}

function serviceAddress(addresses: string, sender: string): Omit<FoundDevice, 'name'> | undefined {
  const urls = addresses.split(/\s+/).flatMap((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url !== undefined && /^https?:$/.test(url.protocol) && isIPv4(url.hostname) ? [url] : [];
  });
  const url = urls.find(({ hostname }) => hostname === sender) ?? urls[0];
  if (url === undefined) return undefined;
  const secure = url.protocol === 'https:';
  // Requests go where the answer came from, and nowhere else that it names.
  return {
    host: sender,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    path: url.pathname,
    secure,
  };
}

/** `onvif://www.onvif.org/name/Front%20door` -> `Front door`. */
function scope(scopes: string, kind: string): string | undefined {
  const prefix = `onvif://www.onvif.org/${kind}/`;
  const found = scopes.split(/\s+/).find((each) => each.toLowerCase().startsWith(prefix));
  if (found === undefined) return undefined;
  const encoded = found.slice(prefix.length);
  try {
    return plainText(decodeURIComponent(encoded)) || undefined;
  } catch {
    return plainText(encoded) || undefined;
  }
}
