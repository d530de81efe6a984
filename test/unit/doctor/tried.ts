import type { Origin } from '../../../src/doctor/origins.ts';
import { type Target, targetsOf } from '../../../src/doctor/targets.ts';
import type { Tried } from '../../../src/doctor/try-forwards.ts';
import type { Trace } from '../../../src/explain/traced.ts';

/* A forward of UDP 8080 to guest "web", and traces of connections to it. */

export const [target] = targetsOf([
  {
    guest: { driver: 'qemu', name: 'web', nics: [{ bridge: 'virbr0', addresses: [] }] },
    elements: [
      {
        kind: 'forward',
        host: 'any',
        protocol: 'udp',
        ports: { first: 8080, last: 8080 },
        guest: '192.168.122.41',
        to: 80,
      },
    ],
  },
]) as [Target];
export const outside: Origin = {
  kind: 'outside',
  source: '192.0.2.1',
  input: 'eth0',
  destination: '198.51.100.1',
};
export const host: Origin = { kind: 'host', source: '198.51.100.1', destination: '198.51.100.1' };
export const knowledge = { mark: 0x10000000, forwardingIsOff: false, rpFilter: () => 1, rulesDiffer: false };

export function tried(origin: Origin, trace: Partial<Trace> = {}, bare: Partial<Trace> = {}): Tried {
  const whole: Trace = {
    stations: [],
    verdict: 'passed',
    destination: '192.168.122.41',
    port: 80,
    to: '192.168.122.41:80',
    output: 'virbr0',
    doubts: [],
    obstacles: [],
    ...trace,
  };
  return { targets: [target], origin, trace: whole, bare: { ...whole, ...bare } };
}
