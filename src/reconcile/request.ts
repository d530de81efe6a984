import type { DesiredState } from '../desired/desired-state.ts';
import type { Domain } from '../libvirt/domain.ts';
import type { NetworkPort } from '../libvirt/network.ts';
import type { Family } from '../model/address.ts';
import type { BackendName } from '../model/backend-name.ts';
import type { Element } from '../model/element.ts';
import { isGuest, isGuestElement, isNetworkElement } from '../model/element-shape.ts';
import { type Finding, isFinding } from '../model/finding.ts';
import type { GuestId } from '../model/guest.ts';
import { guestDrivers } from '../model/guest.ts';
import type { InterfaceChoice } from '../model/interface-choice.ts';
import {
  isAnything,
  isList,
  isObject,
  isOneOf,
  isRecordOf,
  isText,
  isTrue,
  type Shape,
} from '../model/shape.ts';
import { parseState, type StateRead } from '../state/state-file.ts';
import type { Premise } from './premise.ts';

/** What the rules of a guest are to become: handed to whoever has the lock. */
export type Request = ApplyRequest | RemoveRequest | RefreshRequest;

/** Gives a guest what its policy says. */
export interface ApplyRequest {
  readonly kind: 'apply';
  /**
   * `start`: the guest's own start, the only cause that counts however the guest is listed; `command`: a person asks for
   * a guest that runs; `lease`, `interface`: a lease or an interface of a guest that has a record has changed.
   */
  readonly cause: 'start' | 'command' | 'lease' | 'interface';
  /** `restrict`: only what restricts access, before the guest runs; `all`: everything. */
  readonly stage: 'restrict' | 'all';
  /** What was planned, outside the lock. */
  readonly desired: DesiredState;
  /** What the plan was made from: it is made again where that is no longer so. */
  readonly premise: Premise;
  /** What a start is planned from. */
  readonly domain?: Domain;
  /** What a change of interfaces is planned from. */
  readonly interface?: InterfaceChange;
  /** The bit of `ct mark`; undefined: as before, the configuration cannot be read. */
  readonly mark?: number;
  /** The back end that the configuration asks for; undefined: as before. */
  readonly backend?: BackendName;
}

/** An interface that a running guest gets or loses: libvirt tells its network port, Xen the interface on the host. */
export type InterfaceChange =
  | { readonly change: 'attach' | 'detach'; readonly port: NetworkPort }
  | { readonly change: 'offline'; readonly tap: string };

/** The families of which the guest's usual address, or that of an interface which forwards choose, is lost. */
export interface LostAddresses {
  readonly choice?: InterfaceChoice;
  readonly families: readonly Family[];
}

/** Removes all that a guest has, and its record. */
export interface RemoveRequest {
  readonly kind: 'remove';
  readonly guest: GuestId;
  /** The guest has ended; otherwise it runs, and its policy is gone. */
  readonly ended: boolean;
  /** What the plan was made from; undefined: the guest's own end, which nothing overrules. */
  readonly premise?: Premise;
}

/** Plans a guest from what runs now: its state could not be read. */
export interface RefreshRequest {
  readonly kind: 'refresh';
  /** The name of the guest's record. */
  readonly record: string;
}

/** What became of a request. */
export interface Applied {
  /** What the guest has now; of a guest whose rules were removed, what it had. */
  readonly elements: readonly Element[];
  readonly problems: readonly Finding[];
}

export type Answer = Applied | { readonly failed: unknown };

/** The format number of requests. In format 1 problems were texts. */
const format = 2;
const isId = isObject({ driver: isOneOf(...guestDrivers), name: isText });
const isDesired = isObject({
  guest: isGuest,
  managed: isBoolean,
  deny: isBoolean,
  certain: isBoolean,
  elements: isList(isGuestElement),
  networks: isRecordOf(isList(isNetworkElement)),
  problems: isList(isFinding),
  unknown: isList(isOneOf('ip', 'ip6')),
});
const shapes: Readonly<Record<string, Shape>> = {
  apply: isObject({
    cause: isOneOf('start', 'command', 'lease', 'interface'),
    stage: isOneOf('restrict', 'all'),
    desired: isDesired,
    premise: isObject({ configuration: isText }),
    'domain?': isObject({ guest: isGuest, 'metadata?': isAnything }),
    'interface?': isObject({ change: isOneOf('attach', 'detach', 'offline') }),
    'backend?': isOneOf('nftables', 'iptables-nft', 'iptables-legacy'),
  }),
  remove: isObject({ guest: isId, ended: isBoolean, 'premise?': isObject({ configuration: isText }) }),
  refresh: isObject({ record: isText }),
};
const hasShape: Shape = (value) => {
  const { kind } = value as { readonly kind?: unknown };
  return typeof kind === 'string' && Object.hasOwn(shapes, kind) && shapes[kind]?.(value) === true;
};

function isBoolean(value: unknown): boolean {
  return isTrue(value) || value === false;
}

export function renderRequest(request: Request): string {
  return JSON.stringify({ format, ...request });
}

/** A request as `renderRequest` wrote it, or another version of guestgate. */
export function parseRequest(text: string): StateRead<Request> {
  return parseState(text, format, hasShape);
}
