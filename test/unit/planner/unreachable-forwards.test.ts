import { expect, test } from 'vitest';
import type { Forward, GuestPolicy } from '../../../src/model/policy.ts';
import type { HostView } from '../../../src/planner/host-view.ts';
import {
  unreachable,
  unreachableAtLoopback,
  withoutUplink,
} from '../../../src/planner/unreachable-forwards.ts';

const forward: Forward = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 }, to: 80, text: '80' };
const host: HostView = { addresses: ['203.0.113.1'], interfacesOf: () => [], addressesOn: () => [] };
const policy = (more: Partial<Forward> = {}): GuestPolicy => ({ forwards: [{ ...forward, ...more }] });
const problems = (faults: readonly { readonly problem: string }[]) => faults.map(({ problem }) => problem);

test('an uplink without an address is a remark, and no fault of the policy', () => {
  expect(withoutUplink(policy({ uplink: 'ppp0' }), host)).toMatchObject([
    { kind: 'no-uplink', severity: 'later', problem: 'forward 80 is not reachable: "ppp0" has no address' },
  ]);
  expect(withoutUplink(policy({ uplink: 'eth1' }), { ...host, addressesOn: () => ['::2'] })).toEqual([]);
  expect(unreachable(policy({ uplink: 'ppp0' }), () => ['fd00::41'], host)).toEqual([]);
});

test('[host] without an address of the family, and a guest without IPv4 at 127.0.0.1', () => {
  expect(problems(unreachable(policy(), () => ['fd00::41'], host))).toEqual([
    'forward 80 is not reachable: [host] has no IPv6 address',
  ]);
  expect(unreachable(policy(), () => ['192.168.122.41'], host)).toEqual([]);
  expect(problems(unreachableAtLoopback(policy({ loopback: true }), () => ['fd00::41']))).toEqual([
    'forward 80 is not reachable at 127.0.0.1: the guest has no IPv4 address',
  ]);
});
