import { type Domain, parseDomain } from '../events/domain.ts';
import { type NetworkPort, parseNetworkXml } from '../events/network.ts';
import type { GuestElement } from '../model/element.ts';
import type { HookCall, Reaction } from '../model/event.ts';
import { type Guest, isGuestDriver } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import { readLiveDomain } from '../system/libvirt-files.ts';
import { readHostState, readRecords } from '../system/records.ts';
import { type Converged, closeGuest, conflictsOf, openGuest } from './converge.ts';
import { type Desired, desire } from './desired.ts';
import { assertOpen, networkDown, networkUp, tidy } from './networks.ts';
import type { Outcome } from './outcome.ts';
import { readHost } from './reading.ts';

/** Where an event's document comes from: read only if the reaction needs it. */
export type Document = () => Promise<string>;

/** Does what a hook's operation means. Calls nothing of libvirt's: a hook that did would wait for itself. */
export async function onEvent(call: HookCall, reaction: Reaction, document: Document): Promise<Outcome> {
  switch (reaction) {
    case 'nothing':
      return { level: 'debug', message: 'nothing to do' };
    case 'examine':
      return examine(call, await document());
    case 'guard':
    case 'open':
      return open(await domainOf(call, await document()), reaction);
    case 'close':
      return close(call);
    case 'network-up':
      return networkUp((await parseNetworkXml(await document(), networkXml(call))).network);
    case 'network-down':
      return networkDown(call.object);
    case 'plug':
    case 'unplug':
      return replug((await parseNetworkXml(await document(), networkXml(call))).port, reaction);
    case 'assert':
      return assertOpen();
    case 'tidy':
      return tidy();
  }
}

function networkXml({ object }: HookCall): string {
  return `the XML of network ${quoted(object)}`;
}

/** Looks whether the guest's wishes could be met, and refuses it if its policy wants that. */
async function examine(call: HookCall, xml: string): Promise<Outcome> {
  const { desired } = await desireDomain(await domainOf(call, xml));
  const problems = [...desired.problems, ...conflictsOf(desired)];
  if (problems.length === 0) return { level: 'debug', message: 'nothing in the way' };
  return failed(problems, desired.deny);
}

async function open(domain: Domain, stage: 'guard' | 'open'): Promise<Outcome> {
  const { desired, mark } = await desireDomain(domain);
  const result = openGuest(desired, mark, stage);
  const summary = summarize(desired, result);
  if (result.problems.length > 0) {
    const { message, ...outcome } = failed(result.problems, stage === 'guard' && desired.deny);
    return { ...outcome, message: result.elements.length === 0 ? message : `${summary}; but ${message}` };
  }
  return { level: result.elements.length === 0 ? 'debug' : 'info', message: summary };
}

async function desireDomain(domain: Domain): Promise<{ desired: Desired; mark: number | undefined }> {
  const reading = readHost();
  const { hostUnknown, host } = reading.configuration;
  const { networks } = readHostState();
  const desired = await desire(domain, reading, (name) => name in networks);
  return { desired, mark: hostUnknown.length === 0 ? host.mark : undefined };
}

function domainOf({ hook, object }: HookCall, xml: string): Promise<Domain> {
  if (!isGuestDriver(hook)) throw new Error(`${hook} has no guests`);
  return parseDomain(hook, xml, object);
}

function failed(problems: readonly string[], refuse: boolean): Outcome {
  return { level: 'error', message: problems.join('; '), ...(refuse && { refuse }) };
}

/** `3 forwards to 192.168.122.41`. */
export function summarize(
  { address }: Pick<Desired, 'address'>,
  { elements }: Pick<Converged, 'elements'>,
): string {
  const count = (kind: GuestElement['kind']) => elements.filter((element) => element.kind === kind).length;
  const parts = [
    [count('forward'), 'forward'],
    [count('one-to-one'), 'public address'],
    [count('guard'), 'restriction'],
  ] as const;
  const said = parts.flatMap(([number, word]) =>
    number === 0 ? [] : `${number} ${word}${plural(number, word)}`,
  );
  if (said.length === 0) return elements.length === 0 ? 'no forwards' : `source address for ${address}`;
  return `${said.join(', ')}${address === undefined ? '' : ` to ${address}`}`;
}

function plural(number: number, word: string): string {
  if (number === 1) return '';
  return word.endsWith('s') ? 'es' : 's';
}

function close(call: HookCall): Outcome {
  if (!isGuestDriver(call.hook)) throw new Error(`${call.hook} has no guests`);
  const removed = closeGuest({ driver: call.hook, name: call.object });
  if (removed === undefined || removed.length === 0) return { level: 'debug', message: 'nothing was open' };
  return { level: 'info', message: `closed: ${summarize({}, { elements: removed })}` };
}

/**
 * Plans the guest anew that a card was plugged into or pulled from. Before its first start there is no record,
 * after a restart of libvirtd no new card. Its live XML does not show the change yet, but holds its metadata.
 */
async function replug(port: NetworkPort | undefined, reaction: 'plug' | 'unplug'): Promise<Outcome> {
  const record = port && readRecords().find((one) => isOwner(one.guest, port));
  if (record === undefined || port === undefined) return { level: 'debug', message: 'no guest of ours' };
  const known = record.guest.nics.some((nic) => nic.mac === port.nic.mac);
  if (known === (reaction === 'plug')) return assertOpen();
  const xml = readLiveDomain(record.guest);
  if (xml === undefined) return assertOpen();
  const others = record.guest.nics.filter((nic) => nic.mac !== port.nic.mac);
  const guest = { ...record.guest, nics: reaction === 'plug' ? [...others, port.nic] : others };
  const outcome = await open({ ...(await parseDomain(guest.driver, xml, guest.name)), guest }, 'open');
  return { ...outcome, message: `guest ${quoted(guest.name)}: ${outcome.message}` };
}

function isOwner(guest: Guest, port: NetworkPort): boolean {
  return guest.name === port.owner.name && (port.owner.uuid === undefined || guest.uuid === port.owner.uuid);
}
