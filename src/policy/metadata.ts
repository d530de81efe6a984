import { type GuestPolicyFound, metadataNamespace } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import { attribute, attributeNames, childrenOf, childrenOutside, type XmlNode } from '../model/xml.ts';
import { firstProblems } from './first-problems.ts';
import { parseGuestTable } from './guest-table.ts';
import { vocabulary } from './metadata-vocabulary.ts';
import { suggest } from './spelling.ts';

/**
 * The policy in a domain's XML:
 *
 *     <gg:guest xmlns:gg="urn:guestgate:1">
 *       <gg:portForward proto="tcp" address="203.0.113.11"><gg:range start="8443" to="443"/></gg:portForward>
 *     </gg:guest>
 *
 * It becomes the same table as in a file, and is checked as such.
 *
 * @returns undefined where the domain says nothing of guestgate
 */
export function parseMetadata(metadata: XmlNode | undefined): GuestPolicyFound | undefined {
  const ours = childrenOf(metadata, metadataNamespace);
  const guest = ours.find(({ name }) => name === 'guest')?.node;
  if (ours.length === 0) return undefined;
  const problems: Problem[] = [];
  checkNames(ours, ['guest'], problems);
  const { policy, problems: wrong } = parseGuestTable(guestTable(guest, problems), {
    file: 'the domain XML',
    path: [],
  });
  const located = wrong.map(({ path: _, ...problem }) => ({
    ...problem,
    where: 'metadata in the domain XML',
  }));
  return { policy, problems: firstProblems([...problems, ...located]) };
}

function guestTable(guest: XmlNode | undefined, problems: Problem[]): Record<string, unknown> {
  const elements = childrenOf(guest, metadataNamespace);
  if (guest !== undefined) checkAttributes('guest', guest, problems);
  checkPrefixes('guest', guest, problems);
  checkNames(elements, vocabulary['guest']?.children ?? [], problems);
  const all = (name: string) => elements.filter((element) => element.name === name).map(({ node }) => node);
  const forwards = all('portForward').flatMap((node) => portForward(node, problems));
  const open = all('open').flatMap((node) => openPorts(node, problems));
  const networks = (name: string) => {
    const found = all(name).flatMap((node) => attribute(node, 'network') ?? []);
    return found.length > 0 ? found : undefined;
  };
  const addresses = (name: string) => {
    const [first, ...others] = all(name).flatMap((node) => attribute(node, 'address') ?? []);
    return first === undefined || others.length === 0 ? first : [first, ...others];
  };
  return withoutUndefined({
    forward: forwards.length > 0 ? forwards : undefined,
    open: open.length > 0 ? open : undefined,
    allow_from: networks('allowFrom'),
    deny_from: networks('denyFrom'),
    public_address: addresses('publicAddress'),
    snat: addresses('snat'),
    address: addresses('address'),
    on_error: attribute(guest, 'onError'),
    masquerade: flagOf(guest, 'masquerade'),
    antispoof: flagOf(guest, 'antispoof'),
    access: attribute(guest, 'access'),
    egress: wordsOf(attribute(guest, 'egress')),
    ...interfaceChoiceOf(guest),
  });
}

/** Which of the guest's interfaces, with the keys of a file. */
function interfaceChoiceOf(node: XmlNode | undefined): Record<string, unknown> {
  const nic = attribute(node, 'nic');
  return {
    network: attribute(node, 'network'),
    mac: attribute(node, 'mac'),
    nic: nic !== undefined && /^\d{1,9}$/.test(nic) ? Number(nic) : nic,
  };
}

/** `masquerade='true'`; `yes` and `no` are libvirt's own words. What is none of these is reported. */
function flagOf(node: XmlNode | undefined, name: string): unknown {
  const text = attribute(node, name);
  if (text === undefined) return undefined;
  return /^(true|yes)$/.test(text) ? true : /^(false|no)$/.test(text) ? false : text;
}

function portForward(node: XmlNode, problems: Problem[]): Record<string, unknown>[] {
  return ranges('portForward', node, problems).map((range) =>
    withoutUndefined({
      host: attribute(node, 'address'),
      uplink: attribute(node, 'uplink'),
      masquerade: flagOf(node, 'masquerade'),
      ...range,
      ...interfaceChoiceOf(node),
    }),
  );
}

function openPorts(node: XmlNode, problems: Problem[]): Record<string, unknown>[] {
  return ranges('open', node, problems).map(({ to, ...range }) => {
    if (to !== undefined)
      problems.push(
        wrong(
          'invalid attribute to of <range> in <open>',
          'open ports keep their numbers: write <gg:portForward>',
        ),
      );
    return withoutUndefined({ address: attribute(node, 'address'), ...range });
  });
}

/** A list in an attribute: blanks or commas separate its words. */
function wordsOf(text: string | undefined): string[] | undefined {
  return text?.split(/[\s,]+/).filter((word) => word !== '');
}

/** The ranges of an element, each with what the element says of all. */
function ranges(name: string, node: XmlNode, problems: Problem[]) {
  const found = childrenOf(node, metadataNamespace);
  checkPrefixes(name, node, problems);
  checkNames(found, ['range'], problems);
  if (found.length === 0) problems.push(wrong(`<${name}> without a <range>`, 'add <gg:range start="443"/>'));
  const from = wordsOf(attribute(node, 'from'));
  return found.map(({ node: range }) => {
    const [start = '', end, to] = ['start', 'end', 'to'].map((key) => attribute(range, key));
    const port = end === undefined || end === start ? start : `${start}-${end}`;
    const [protocol, rate, connections] = ['proto', 'rate', 'connections'].map((key) => attribute(node, key));
    return { port, to, protocol, from, rate, connections };
  });
}

function checkNames(
  found: readonly { name: string; node: XmlNode }[],
  allowed: readonly string[],
  problems: Problem[],
): void {
  for (const { name, node } of found) {
    if (allowed.includes(name)) checkAttributes(name, node, problems);
    else problems.push(wrong(`unknown element <${name}>`, suggest(name, allowed)));
  }
}

/** An element without its prefix would have no effect: it is reported. */
function checkPrefixes(parent: string, node: XmlNode | undefined, problems: Problem[]): void {
  for (const name of childrenOutside(node, metadataNamespace)) {
    problems.push(
      wrong(`<${name}> in <${parent}> is not of namespace ${metadataNamespace}`, 'write <gg:...>'),
    );
  }
}

function checkAttributes(name: string, node: XmlNode, problems: Problem[]): void {
  const { attributes: allowed = [], required: needed } = vocabulary[name] ?? {};
  for (const written of attributeNames(node).filter((candidate) => !allowed.includes(candidate))) {
    problems.push(wrong(`unknown attribute ${written} of <${name}>`, suggest(written, allowed)));
  }
  if (needed !== undefined && attribute(node, needed) === undefined) {
    problems.push(wrong(`<${name}> without its ${needed}`, `write <gg:${name} ${needed}="..."/>`));
  }
}

function wrong(problem: string, hint: string): Problem {
  return { where: 'metadata in the domain XML', problem, hint };
}

function withoutUndefined(table: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined));
}
