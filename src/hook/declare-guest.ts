import type { Address } from '../model/address.ts';
import type { Nic } from '../model/guest.ts';
import { type LocalGuest, objectionToName } from '../model/local-guest.ts';
import { isMac } from '../model/mac.ts';
import { quoted, UserError } from '../model/problem.ts';
import { unicastOf } from '../policy/unicast.ts';

/** What `guestgate guest up` was given. */
export interface Declaration {
  readonly addresses: readonly string[];
  /** An interface of the host: the guest's own port, or the bridge that it is on. */
  readonly interface?: string;
  readonly mac?: string;
  readonly pid?: number;
  readonly nat?: boolean;
}

/** What is looked up on the host for it. */
export interface DeclarationFacts {
  /** What an interface of that name is; undefined: there is none. */
  readonly interfaceKind: (name: string) => 'bridge' | 'port' | undefined;
  /** When a process started; undefined: there is none. */
  readonly processStart: (pid: number) => number | undefined;
}

/**
 * A declared guest as a local guest, with what to look at to know that it runs: its interface and its process, where it names them.
 * Pure, but for the facts.
 *
 * @throws UserError that names each mistake: an invalid name or address, a missing interface or process, nothing to find an address by
 */
export function declareGuest(name: string, given: Declaration, facts: DeclarationFacts): LocalGuest {
  const { interface: port, pid, nat } = given;
  const mac = given.mac?.toLowerCase();
  const addresses = [...new Set(given.addresses.map((text) => unicastOf(text) ?? text))];
  const kind = port === undefined ? undefined : facts.interfaceKind(port);
  const started = pid === undefined ? undefined : facts.processStart(pid);
  const objection = objectionToName(name);
  const mistakes = [
    ...(objection === undefined ? [] : [`invalid name ${quoted(name)}: ${objection}`]),
    ...addresses.flatMap((address) =>
      unicastOf(address) === undefined
        ? [`invalid address ${quoted(address)} (expected one like 10.200.1.2 or fd00:200::2)`]
        : [],
    ),
    ...(mac === undefined || isMac(mac)
      ? []
      : [`invalid MAC address ${quoted(mac)} (expected one like 02:00:00:aa:bb:01)`]),
    ...(addresses.length === 0 && (mac === undefined || port === undefined)
      ? [
          'nothing gives its address (use --address; or --interface and --mac, for a lease of that MAC address)',
        ]
      : []),
    ...(port !== undefined && kind === undefined
      ? [`the host has no interface ${quoted(port)} (report the guest when its interface is there)`]
      : []),
    ...(pid !== undefined && started === undefined ? [`there is no process ${pid}`] : []),
  ];
  if (mistakes.length > 0) throw new UserError(`guest ${quoted(name)}: ${mistakes.join('; ')}`);
  return {
    kind: 'guest',
    guest: {
      driver: 'local',
      name,
      ...(nat === true && { nat: true as const }),
      nics: [nicOf(addresses, mac, port, kind)],
    },
    witness: {
      ...(port !== undefined && { interface: port }),
      ...(pid !== undefined && started !== undefined && { process: { pid, started } }),
    },
  };
}

function nicOf(
  addresses: readonly Address[],
  mac: string | undefined,
  port: string | undefined,
  kind: 'bridge' | 'port' | undefined,
): Nic {
  return {
    ...(mac !== undefined && { mac }),
    ...(kind === 'bridge' && port !== undefined && { bridge: port }),
    ...(kind === 'port' && port !== undefined && { tap: port }),
    addresses,
  };
}
