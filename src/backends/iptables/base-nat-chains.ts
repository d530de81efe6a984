import type { Family } from '../../model/address.ts';
import type { NetworkElement } from '../../model/network-element.ts';
import { chains } from './chains.ts';
import { routesOf } from './network-rules.ts';
import { masquerades, sourceTranslations } from './source-translations.ts';
import type { Rules } from './tables.ts';

/** The addresses at which a forward without an address is never reachable, per family. */
const notLocal = { ip: ['127.0.0.0/8'], ip6: ['::1/128', 'fe80::/10'] } as const;

/** The nat table's chains, without guests. @param bit `BIT/BIT` */
export function natRules(
  own: readonly NetworkElement[],
  bridges: readonly string[],
  bit: string,
  family: Family,
): Rules {
  const none = `0x0/${bit.split('/')[1]}`;
  const outside = own.flatMap((one) => (one.kind === 'outside' ? [one.interface] : []));
  const fromInterfaces = own.some(({ kind }) => kind === 'restricted')
    ? [...outside, ...bridges].map((name) => `-i ${name} -j ${chains.local}`)
    : [`-j ${chains.local}`];
  const left = own.flatMap((one) => (one.kind === 'gateway' ? [one.address] : []));
  const fromLoopback = `-s 127.0.0.0/8 -m connmark --mark ${bit} -j MASQUERADE`;
  return {
    [chains.prerouting]: [
      ...(family === 'ip' ? ['-d 127.0.0.0/8 -j RETURN'] : []),
      `-j ${chains.translate}`,
      `-j ${chains.interfaces}`,
      `-j CONNMARK --set-xmark ${none}`,
    ],
    [chains.output]: [`-j ${chains.translate}`, `-j ${chains.local}`, `-j CONNMARK --set-xmark ${none}`],
    [chains.translate]: [`-j CONNMARK --set-xmark ${bit}`, `-j ${chains.exact}`, `-j ${chains.public}`],
    [chains.exact]: [],
    [chains.public]: [],
    [chains.interfaces]: [...new Set(fromInterfaces)],
    [chains.local]: [
      ...[...notLocal[family], ...left].map((address) => `-d ${address} -j RETURN`),
      `-m addrtype --dst-type LOCAL -j ${chains.any}`,
    ],
    [chains.any]: [],
    [chains.refuse]: [`-j MARK --set-xmark ${bit}`, '-j ACCEPT'],
    [chains.postrouting]: [
      `-m mark --mark ${bit} -m connmark --mark ${bit} -j ${chains.noted}`,
      ...(family === 'ip' ? [fromLoopback] : []),
      `-m connmark --mark ${bit} -m conntrack --ctstate DNAT -j ${chains.masquerade}`,
      `-j ${chains.snat}`,
      `-j ${chains.networks}`,
    ],
    [chains.noted]: [
      `-j MARK --set-xmark ${none}`,
      '-m conntrack --ctstate DNAT -m addrtype ! --src-type LOCAL -j MASQUERADE',
    ],
    [chains.masquerade]: [],
    [chains.snat]: [],
    [chains.networks]: networkRules(own, none),
  };
}

function networkRules(own: readonly NetworkElement[], none: string): string[] {
  const { isAdmitted } = routesOf(own);
  // An address that is named comes before that of the interface.
  const inOrder = [
    ...own.flatMap((one) => (one.kind === 'network-nat' ? [one] : [])),
    ...own.flatMap((one) => (one.kind === 'network-masquerade' ? [one] : [])),
  ];
  const rules = inOrder.flatMap((one) => {
    const leaving = `-s ${one.network} -o ${one.interface}`;
    const translated =
      one.kind === 'network-nat' ? sourceTranslations(leaving, one.address) : masquerades(leaving);
    // An address to leave with admits nothing: without more, connections do not keep our bit.
    const unmarked = `${leaving} -m conntrack ! --ctstate DNAT -j CONNMARK --set-xmark ${none}`;
    return isAdmitted(one) ? translated : [unmarked, ...translated];
  });
  return [...new Set(rules)];
}
