/*
 * What an administrator can want for a guest, as the reference of the keys describes it, and how it is written: as TOML
 * and as metadata. Only keys that the model knows.
 */

import type { Confinement } from './confinement.ts';

export const protocols = ['tcp', 'udp', 'sctp'] as const;
export type Protocol = (typeof protocols)[number];

export interface Ports {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
}

export interface Forward extends Ports {
  /** The host's address; undefined: all of them. */
  readonly host?: string | undefined;
  /** The first port of the guest. */
  readonly to: number;
  /** `from`; undefined: the guest's `allow_from`. */
  readonly from?: readonly string[] | undefined;
}

export interface OpenPorts extends Ports {
  readonly from?: readonly string[] | undefined;
}

export interface Policy {
  readonly forward: readonly Forward[];
  readonly open: readonly OpenPorts[];
  readonly publicAddress?: string | undefined;
  readonly absent: 'drop' | 'host';
  /** Used where there is no public address. */
  readonly snat?: string | undefined;
  readonly allowFrom?: readonly string[] | undefined;
  readonly denyFrom: readonly string[];
  /** In files alone. */
  readonly confinement?: Confinement | undefined;
}

export const noPolicy: Policy = { forward: [], open: [], absent: 'host', denyFrom: [] };

/** @param address what the file says; undefined: guestgate finds the guest's address */
export function toToml(name: string, policy: Policy, address?: string): string {
  const { publicAddress, snat, allowFrom, denyFrom } = policy;
  const lines = [
    `[guest.${name}]`,
    ...(address === undefined ? [] : [`address = ${JSON.stringify(address)}`]),
    `forward = [${policy.forward.map(forwardInToml).join(', ')}]`,
    `open = [${policy.open.map(openInToml).join(', ')}]`,
    ...(publicAddress === undefined
      ? []
      : [`public_address = ${JSON.stringify(publicAddress)}`, `absent = ${JSON.stringify(policy.absent)}`]),
    ...(snat === undefined || publicAddress !== undefined ? [] : [`snat = ${JSON.stringify(snat)}`]),
    ...(allowFrom === undefined ? [] : [`allow_from = ${JSON.stringify(allowFrom)}`]),
    ...(denyFrom.length === 0 ? [] : [`deny_from = ${JSON.stringify(denyFrom)}`]),
    ...confinementInToml(policy.confinement),
  ];
  return `${lines.join('\n')}\n`;
}

/** A guest that gets only a part of its policy starts all the same, as the others do. */
function confinementInToml(confinement: Confinement | undefined): string[] {
  if (confinement === undefined) return [];
  if (confinement.kind === 'antispoof') return ['antispoof = true'];
  const egress = confinement.kind === 'inbound' ? confinement.egress : [];
  const ports = egress.map(({ protocol, first, last }) => `"${range(first, last)}/${protocol}"`);
  return [
    `access = "${confinement.kind}"`,
    'on_error = "start"',
    ...(ports.length > 0 ? [`egress = [${ports.join(', ')}]`] : []),
  ];
}

function forwardInToml({ host, to, from, ...ports }: Forward): string {
  const last = to + ports.last - ports.first;
  return `{ ${[
    ...(host === undefined ? [] : [`host = "${host}"`]),
    ...portsInToml(ports, from),
    `to = "${range(to, last)}"`,
  ].join(', ')} }`;
}

function openInToml({ from, ...ports }: OpenPorts): string {
  return `{ ${portsInToml(ports, from).join(', ')} }`;
}

function portsInToml({ protocol, first, last }: Ports, from?: readonly string[]): string[] {
  return [
    `port = "${range(first, last)}"`,
    `protocol = "${protocol}"`,
    ...(from === undefined ? [] : [`from = ${JSON.stringify(from)}`]),
  ];
}

function range(first: number, last: number): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

/** What metadata can hold without a grant: forwards, and lists of sources that name one. */
export function forMetadata({ forward, allowFrom, denyFrom }: Policy): Policy {
  const named = (list: readonly string[] | undefined) => (list?.length === 0 ? undefined : list);
  return {
    ...noPolicy,
    forward: forward.map(({ from, ...rest }) => ({ ...rest, from: named(from) })),
    allowFrom: named(allowFrom),
    denyFrom,
  };
}

export function toMetadata({ forward, allowFrom, denyFrom }: Policy): string {
  const forwards = forward.map(
    ({ protocol, host, first, last, to, from }) =>
      `<gg:portForward proto='${protocol}'${host === undefined ? '' : ` address='${host}'`}${
        from === undefined ? '' : ` from='${from.join(' ')}'`
      }><gg:range start='${first}' end='${last}' to='${to}'/></gg:portForward>`,
  );
  const lists = [
    ...(allowFrom ?? []).map((network) => `<gg:allowFrom network='${network}'/>`),
    ...denyFrom.map((network) => `<gg:denyFrom network='${network}'/>`),
  ];
  return `<gg:guest xmlns:gg='urn:guestgate:1'>${[...forwards, ...lists].join('')}</gg:guest>`;
}

/** As on the command line of `publish`. */
export function toArgument({ host, protocol, first, last, to }: Forward): string {
  const address = host === undefined ? '' : `${host}:`;
  return `${address}${range(first, last)}:${range(to, to + last - first)}/${protocol}`;
}
