import type { Element } from '../../../src/model/element.ts';
import type { Forward, GuestPolicy, Limits, OpenPort } from '../../../src/model/policy.ts';
import { protocols } from '../../../src/model/port.ts';
import type { HostView } from '../../../src/planner/host-view.ts';
import { seeded } from '../fixtures.ts';

/** Policies, hosts and elements that mean little, but contradict and repeat one another a lot. */
export class Random {
  readonly below: (limit: number) => number;

  constructor(seed: number) {
    this.below = seeded(seed);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  maybe<T>(value: () => T): T | undefined {
    return this.below(3) === 0 ? value() : undefined;
  }

  list<T>(most: number, value: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, value);
  }

  address = () => (this.below(3) === 0 ? '2001:db8::' : '203.0.113.') + (1 + this.below(4));
  network = () =>
    this.pick([
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.1.2.3/32',
      '192.0.2.0/24',
      '0.0.0.0/0',
      '2001:db8:7::/48',
      '2001:db8:7:1::5/128',
      '2001:db8::/32',
      '::/0',
    ]);

  forward = (): Forward => {
    const first = this.pick([1, 15, 16, 17, 80, 1000, 65000]) + this.below(30);
    const width = this.pick([0, 0, 0, 1, 15, 16, 17, 300, 500]);
    const ports = { first, last: Math.min(65535, first + width) };
    const from = this.maybe(() => this.list(2, this.network));
    return {
      host: this.pick(['any', this.address(), this.address(), '0.0.0.0', '::']),
      protocol: this.pick(protocols),
      ports,
      to: this.pick([first, Math.min(first, 1000) + this.below(100)]),
      ...(from !== undefined && { from }),
      ...this.limits(),
      ...(this.below(6) === 0 && { loopback: true }),
      text: `f${this.below(1e6)}`,
    };
  };

  limits = (): Limits => ({
    ...(this.below(5) === 0 && {
      rate: { connections: 1 + this.below(50), per: this.pick(['second', 'minute', 'hour'] as const) },
    }),
    ...(this.below(5) === 0 && { connections: 1 + this.below(50) }),
  });

  openPort = (): OpenPort => {
    const { protocol, ports, from, text } = this.forward();
    return { protocol, ports, ...(from !== undefined && { from }), ...this.limits(), text };
  };

  policy = (): GuestPolicy => {
    const [publicAddresses, allowFrom] = [
      this.maybe(() => [...new Set(this.list(3, this.address))]),
      this.maybe(() => this.list(3, this.network)),
    ];
    const snat = publicAddresses === undefined ? this.maybe(() => this.list(2, this.address)) : undefined;
    return {
      forwards: this.list(6, this.forward),
      open: this.list(2, this.openPort),
      ...(publicAddresses !== undefined && { publicAddresses }),
      ...(snat !== undefined && { snat }),
      ...(allowFrom !== undefined && { allowFrom }),
    };
  };

  host = (): HostView => ({
    addresses: this.below(2) === 0 ? 'any' : [...new Set(this.list(3, this.address))],
    addressesOn: () => [],
    interfacesOf: (address) =>
      address.endsWith('4') ? [] : ['eth0', 'eth1'].slice(0, 1 + Number(address.endsWith('3'))),
  });

  /** A guest's addresses. */
  guest = () => {
    const number = 2 + this.below(200);
    const both = [`192.168.122.${number}`, `fd00:122::${number}`];
    return this.pick([both, both.slice(0, 1), both.slice(1)]);
  };
}

/** A claim or source filter as text, for messages. */
export const say = (elements: readonly Element[]) =>
  elements.map((element) => JSON.stringify(element)).join('\n');
