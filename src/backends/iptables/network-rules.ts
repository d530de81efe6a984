import type { NetworkElement } from '../../model/network-element.ts';
import { chains } from './chains.ts';

/** A network of guests and the interface that they leave through. */
interface Way {
  readonly network: string;
  readonly interface: string;
}

/** Where guests of networks are let out. */
export function routesOf(own: readonly NetworkElement[]) {
  const routed = own.flatMap((one) => (one.kind === 'routed' ? [one] : []));
  const ways = routed.map(({ network, bridge, interface: name }) => `-s ${network} -i ${bridge} -o ${name}`);
  const isAdmitted = ({ network, interface: name }: Way) =>
    routed.some((one) => one.network === network && one.interface === name);
  return { ways, isAdmitted };
}

/** What mangle's FORWARD does with what is not translated: it sets our bit where guests are let out. */
export function admissionRules(own: readonly NetworkElement[]): string[] {
  return routesOf(own).ways.map((way) => `${way} -j ${chains.admit}`);
}

/** What filter's FORWARD accepts of that. */
export function acceptRules(own: readonly NetworkElement[]): string[] {
  return routesOf(own).ways.map((way) => `${way} -m conntrack ! --ctstate DNAT -j ACCEPT`);
}

/** Whatever else translates at the same place leaves to us what gets an address here: both bits are set until nat. */
export function departureRules(own: readonly NetworkElement[], bit: string, firstPacket: string): string[] {
  const { isAdmitted } = routesOf(own);
  const rules = own.flatMap((one) => {
    if (one.kind !== 'network-nat' && one.kind !== 'network-masquerade') return [];
    // What is admitted has the bit of the connection already.
    const unmarked = isAdmitted(one) ? '' : ` -m connmark ! --mark ${bit}`;
    return [`-s ${one.network} -o ${one.interface}${unmarked} ${firstPacket} -j ${chains.depart}`];
  });
  return [...new Set(rules)];
}

/** What guests reach of the host gets our bit; a rule at the head of filter's INPUT accepts it. */
export function serviceRules(own: readonly NetworkElement[], bit: string): string[] {
  return own.flatMap((one) => {
    if (one.kind !== 'service') return [];
    const { bridge, protocol, ports } = one;
    const range = ports.first === ports.last ? `${ports.first}` : `${ports.first}:${ports.last}`;
    return [`-i ${bridge} -p ${protocol} -m ${protocol} --dport ${range} -j CONNMARK --set-xmark ${bit}`];
  });
}
