import { guestDrivers } from './guest.ts';
import { isInterfaceName } from './interface-name.ts';
import { protocols } from './port.ts';
import { isCount, isList, isObject, isOneOf, isText, isTrue, type Shape } from './shape.ts';

/*
 * What elements and guests look like in the files of the state folder. Another version of guestgate may have written
 * them, and what they hold becomes text for nft: it is checked before anything is done with it.
 */

const isAddress: Shape = (value) => typeof value === 'string' && /^[\da-fA-F.:]{2,45}$/.test(value);
const isNetwork: Shape = (value) =>
  typeof value === 'string' && /^[\da-fA-F.:]{2,45}(\/\d{1,3})?$/.test(value);
const isHost: Shape = (value) => value === 'any' || value === 'any6' || isAddress(value);
const isInterface: Shape = (value) => typeof value === 'string' && isInterfaceName(value);
const isPort: Shape = (value) => isCount(value) && (value as number) <= 0xffff;
const isProtocol = isOneOf(...protocols);
const isRange = isObject({ first: isPort, last: isPort });
const ofPorts = { protocol: isProtocol, ports: isRange };
const isClaim: Shape = (value) =>
  isObject({ host: isHost, ...ofPorts })(value) ||
  isObject({ host: isAddress, 'protocol?': isNothing })(value);
const isLimited: Shape = (value) =>
  isObject({ host: isHost, ...ofPorts })(value) || isObject({ guest: isAddress, ...ofPorts })(value);
const isFamily = isOneOf('ip6');

function isNothing(): boolean {
  return false;
}

const shapes: Readonly<Record<string, Shape>> = {
  forward: isObject({ host: isHost, ...ofPorts, guest: isAddress, to: isPort }),
  'one-to-one': isObject({ host: isAddress, guest: isAddress }),
  'source-nat': isObject({
    guest: isAddress,
    interface: isInterface,
    address: isAddress,
    'shared?': isTrue,
    'exclusive?': isTrue,
  }),
  'source-filter': isObject({ claim: isClaim, from: isList(isNetwork) }),
  open: isObject({ guest: isAddress, ...ofPorts }),
  'open-source-filter': isObject({ guest: isAddress, ...ofPorts, from: isList(isNetwork) }),
  denied: isObject({ guest: isAddress, from: isList(isNetwork) }),
  confined: isObject({
    guest: isAddress,
    access: isOneOf('inbound', 'host'),
    'egress?': isList(isObject({ to: isNetwork, ...ofPorts })),
    'opened?': isList(isObject(ofPorts)),
  }),
  'rate-limit': isObject({
    at: isLimited,
    rate: isObject({ connections: isCount, per: isOneOf('second', 'minute', 'hour') }),
  }),
  'connection-limit': isObject({ at: isLimited, connections: isCount }),
  masquerade: isObject({ claim: isClaim, guest: isAddress }),
  inside: isObject({ interface: isInterface, 'family?': isFamily }),
  roaming: isObject({ guest: isAddress }),
  vif: isObject({
    port: isInterface,
    way: isOneOf('bridged', 'routed'),
    'bridge?': isInterface,
    'mac?': isText,
    'sources?': isList(isNetwork),
    'isolated?': isTrue,
    'closed?': isOneOf('bridge', 'all'),
    'unaccepted?': isTrue,
    'bottom?': isTrue,
  }),
};

const networkShapes: Readonly<Record<string, Shape>> = {
  hairpin: isObject({ bridge: isInterface, 'uplink?': isTrue, 'family?': isFamily }),
  gateway: isObject({ address: isAddress }),
  restricted: isObject({ 'family?': isFamily }),
  outside: isObject({ interface: isInterface, 'family?': isFamily }),
  'network-nat': isObject({ network: isNetwork, interface: isInterface, address: isAddress }),
  routed: isObject({ network: isNetwork, bridge: isInterface, interface: isInterface }),
  'network-masquerade': isObject({ network: isNetwork, bridge: isInterface, interface: isInterface }),
  service: isObject({ bridge: isInterface, ...ofPorts, 'family?': isFamily }),
  absent: isObject({ address: isAddress, guest: isText }),
};

/** Whether a value is an element of a guest. */
export const isGuestElement = ofKind(shapes);

/** Whether a value is an element of a network or of the host. */
export const isNetworkElement = ofKind(networkShapes);

function ofKind(known: Readonly<Record<string, Shape>>): Shape {
  return (value) => {
    const kind = (value as { readonly kind?: unknown } | null | undefined)?.kind;
    return typeof kind === 'string' && Object.hasOwn(known, kind) && known[kind]?.(value) === true;
  };
}

/** Whether a value is a guest as `Guest` describes it. */
export const isGuest = isObject({
  driver: isOneOf(...guestDrivers),
  name: isText,
  'uuid?': isText,
  'arrivingAs?': isText,
  'nat?': isTrue,
  nics: isList(
    isObject({
      'mac?': isText,
      'network?': isText,
      'portId?': isText,
      'bridge?': isText,
      'tap?': isText,
      'unseen?': isText,
      addresses: isList(isAddress),
      'vif?': isObject({
        way: isOneOf('bridged', 'routed', 'switched'),
        emulated: isOneOf(true, false),
        'sources?': isList(isNetwork),
        'strange?': isList(isText),
      }),
    }),
  ),
});
