import type { Reading } from '../../../src/desired/host-reading.ts';
import type { NicSurroundings } from '../../../src/libvirt/address-sources.ts';
import { parseConfiguration } from '../../../src/policy/configuration.ts';

/** A host with a configuration and nothing else: no networks that run, one uplink, nothing in the kernel. */
export function readingOf(text: string, surroundings: readonly NicSurroundings[] = []): Reading {
  const files = [{ path: 'guestgate.toml', text }];
  return {
    stamp: '',
    configuration: { ...parseConfiguration(files, 'guestgate.toml'), files },
    recordedFamilies: () => [],
    recorded: () => ({ networks: {} }),
    surroundingsOf: async () => [...surroundings],
    liveNetworks: async () => new Map(),
    elementsOf: () => [],
    ownAddresses: () => [],
    bridgeFacts: () => ({ own: [], uplinks: [] }),
    hostView: () => ({ addresses: 'any', interfacesOf: () => ['eth0'], addressesOn: () => [] }),
    hostFacts: () => undefined,
    absent: () => undefined,
    lacks: () => undefined,
  };
}
