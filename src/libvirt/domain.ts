import { parseAddress } from '../model/address.ts';
import type { Guest, GuestDriver, Nic } from '../model/guest.ts';
import { metadataNamespace } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { attribute, child, children, text, type XmlNode } from '../model/xml.ts';
import { parseXml } from './xml.ts';

export interface Domain {
  readonly guest: Guest;
  /** `<metadata>`, if it may contain a policy. */
  readonly metadata?: XmlNode;
}

/**
 * The domain XML that a hook gets on stdin, or a live domain's status file (`<domstatus>` around the same
 * `<domain>`, https://libvirt.org/formatdomain.html).
 *
 * @param name what libvirt called the guest in the hook's first argument; the XML's own name otherwise
 * @throws UserError if the text is not a domain
 */
export async function parseDomain(driver: GuestDriver, xml: string, name?: string): Promise<Domain> {
  const what = name === undefined ? 'a domain XML' : `the domain XML of guest ${quoted(name)}`;
  const domain = await parseXml(withoutStatus(xml), 'domain', what, metadataNamespace);
  const uuid = text(child(domain, 'uuid'))?.trim();
  const metadata = xml.includes(metadataNamespace) ? child(domain, 'metadata') : undefined;
  return {
    guest: {
      driver,
      name: name ?? text(child(domain, 'name')) ?? '',
      ...(uuid !== undefined && { uuid: uuid.toLowerCase() }),
      nics: children(child(domain, 'devices'), 'interface').map(parseInterface),
    },
    ...(metadata !== undefined && { metadata }),
  };
}

/** A status file holds kilobytes of capabilities before the domain: they are not parsed. */
function withoutStatus(xml: string): string {
  const start = xml.search(/<domain[\s>]/);
  const end = xml.lastIndexOf('</domain>');
  return /<domstatus[\s>]/.test(xml.slice(0, 2000)) && start >= 0 && end > start
    ? xml.slice(start, end + 9)
    : xml;
}

function parseInterface(node: XmlNode): Nic {
  const source = child(node, 'source');
  const mac = attribute(child(node, 'mac'), 'address')?.toLowerCase();
  const network = attribute(source, 'network');
  const portId = attribute(source, 'portid')?.toLowerCase();
  const bridge = attribute(source, 'bridge') ?? attribute(child(child(node, 'actual'), 'source'), 'bridge');
  const tap = attribute(child(node, 'target'), 'dev');
  const unseen = unseenKind(node);
  return {
    ...(mac !== undefined && { mac }),
    ...(network !== undefined && { network }),
    ...(portId !== undefined && { portId }),
    ...(bridge !== undefined && { bridge }),
    ...(tap !== undefined && { tap }),
    ...(unseen !== undefined && { unseen }),
    addresses: [...interfaceAddresses(node), ...filterAddresses(node)],
  };
}

/** The kinds whose frames pass the host's bridges, or its routing: what other kinds send reaches the network another way. */
const seenKinds = ['network', 'bridge', 'ethernet'];

/** A network may give an interface of another kind than its own, which the status file has in `<actual>`. */
function unseenKind(node: XmlNode): string | undefined {
  const actual = child(node, 'actual');
  const port = attribute(child(actual, 'virtualport') ?? child(node, 'virtualport'), 'type');
  if (port === 'openvswitch') return port;
  const kind = attribute(actual, 'type') ?? attribute(node, 'type') ?? 'network';
  return seenKinds.includes(kind) ? undefined : kind;
}

/** `<ip address='192.168.122.41'/>`: LXC and libxl take it, QEMU refuses it. */
function interfaceAddresses(node: XmlNode): string[] {
  return children(node, 'ip').flatMap((ip) => parseAddress(attribute(ip, 'address') ?? '') ?? []);
}

/** `<filterref><parameter name='IP' value='192.168.122.41'/></filterref>`: what nwfilter lets through, or `IPV6`. */
function filterAddresses(node: XmlNode): string[] {
  return children(child(node, 'filterref'), 'parameter')
    .filter((parameter) => /^IP(V6)?$/.test(attribute(parameter, 'name') ?? ''))
    .flatMap((parameter) => parseAddress(attribute(parameter, 'value') ?? '') ?? []);
}
