import type { DesiredState } from '../desired/desired-state.ts';
import type { Domain } from '../libvirt/domain.ts';
import type { NetworkPort } from '../libvirt/network.ts';
import type { Family } from '../model/address.ts';
import { type BackendName, backendNames } from '../model/backend-name.ts';
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

/** A change of a guest's rules, for the process that holds the lock. */
export type Request = ApplyRequest | RemoveRequest | RefreshRequest;

/** Applies a guest's policy. */
export interface ApplyRequest {
  readonly kind: 'apply';
  /**
   * `start`: the guest's own start, the only cause that counts even if the guest is not listed as running; `command`: a
   * person runs a command for a running guest; `lease`, `interface`: a change of a guest that has a record.
   */
  readonly cause: 'start' | 'command' | 'lease' | 'interface';
  /** `restrict`: only source filters, before the guest runs; `all`: everything. */
  readonly stage: 'restrict' | 'all';
  /** The plan, made without the lock. */
  readonly desired: DesiredState;
  /** The facts that the plan was made from: if they have changed, the plan is made again. */
  readonly premise: Premise;
  /** The domain that a start is planned from. */
  readonly domain?: Domain;
  /** The interface change that the plan was made from. */
  readonly interface?: InterfaceChange;
  /** The bit of `ct mark`; undefined if the configuration cannot be read: the mark stays. */
  readonly mark?: number;
  /** The back end that the configuration chooses; undefined: unchanged. */
  readonly backend?: BackendName;
}

/** An interface that a running guest gets or loses: libvirt reports its network port, Xen the interface on the host. */
export type InterfaceChange =
  | { readonly change: 'attach' | 'detach'; readonly port: NetworkPort }
  | { readonly change: 'offline'; readonly tap: string };

/** The families in which the guest has lost its usual address, or that of an interface which forwards choose. */
export interface LostAddresses {
  readonly choice?: InterfaceChoice;
  readonly families: readonly Family[];
}

/** Removes a guest's rules and its record. */
export interface RemoveRequest {
  readonly kind: 'remove';
  readonly guest: GuestId;
  /** Whether the guest has ended; otherwise it runs and no longer has a policy. */
  readonly ended: boolean;
  /** The facts that the plan was made from; undefined for the guest's own end, which nothing overrules. */
  readonly premise?: Premise;
}

/** Plans a guest again from the running guest, because its state could not be read. */
export interface RefreshRequest {
  readonly kind: 'refresh';
  /** The name of the guest's record. */
  readonly record: string;
}

/** The result of a request. */
export interface Applied {
  /** The guest's elements now; after a removal, the removed elements. */
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
  'weak?': isTrue,
  certain: isBoolean,
  elements: isList(isGuestElement),
  networks: isRecordOf(isList(isNetworkElement)),
  problems: isList(isFinding),
  unknown: isList(isOneOf('ip', 'ip6')),
  'uplinks?': isRecordOf(isList(isText)),
});
const shapes: Readonly<Record<string, Shape>> = {
  apply: isObject({
    cause: isOneOf('start', 'command', 'lease', 'interface'),
    stage: isOneOf('restrict', 'all'),
    desired: isDesired,
    premise: isObject({ configuration: isText }),
    'domain?': isObject({ guest: isGuest, 'metadata?': isAnything }),
    'interface?': isObject({ change: isOneOf('attach', 'detach', 'offline') }),
    'backend?': isOneOf(...backendNames),
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

/** Parses a request that `renderRequest`, perhaps of another version of guestgate, wrote. */
export function parseRequest(text: string): StateRead<Request> {
  return parseState(text, format, hasShape);
}
