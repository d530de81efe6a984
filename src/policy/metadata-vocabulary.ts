/*
 * The vocabulary of a policy in XML, which parser and schema share. `portForward` and `range` are libvirt's own (passt).
 */

const interfaceAttributes = ['network', 'mac', 'nic'];

export interface MetadataElement {
  readonly attributes: readonly string[];
  /** An attribute that the element says nothing without: a restriction that is overlooked opens what should be closed. */
  readonly required?: string;
  /** The elements in it. */
  readonly children: readonly string[];
}

/** The element of the policy is `guest`. */
export const vocabulary: Readonly<Record<string, MetadataElement>> = {
  guest: {
    attributes: ['onError', 'masquerade', 'antispoof', 'access', 'egress', ...interfaceAttributes],
    children: ['portForward', 'open', 'publicAddress', 'snat', 'allowFrom', 'denyFrom', 'address'],
  },
  portForward: {
    attributes: [
      'proto',
      'address',
      'from',
      'rate',
      'connections',
      'masquerade',
      'uplink',
      ...interfaceAttributes,
    ],
    children: ['range'],
  },
  open: { attributes: ['proto', 'address', 'from', 'rate', 'connections'], children: ['range'] },
  range: { attributes: ['start', 'end', 'to'], children: [] },
  publicAddress: { attributes: ['address'], required: 'address', children: [] },
  snat: { attributes: ['address'], required: 'address', children: [] },
  allowFrom: { attributes: ['network'], required: 'network', children: [] },
  denyFrom: { attributes: ['network'], required: 'network', children: [] },
  address: { attributes: ['address'], required: 'address', children: [] },
};
