import { describe, expect } from 'vitest';
import { publicAddress, publicAddress6 } from '../support/lab.ts';
import { secondBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { putRoutedGuest, routedGuest, startRouted, stopRouted } from '../support/routed-guests.ts';

/*
 * Whatever a guest's interface is to the host, its forwards are reached from outside, from itself, from other guests and from
 * the host, also where `interface` in [host] says by which interfaces connections come from outside.
 */

const labs = secondBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'plain'], ipv6: true, forwarding: 'DROP', backend }),
}));
const routed = routedGuest('routed', 51);
const bridged = routedGuest('bridged', 61, 'br0');
const guests = [routed, bridged];

describe.each(labs)('with $backend', ({ test, lab, web }) => {
  test.beforeAll(() => {
    for (const guest of guests) putRoutedGuest(lab, guest);
    lab.host.sh(`
      ip netns add stranger; ip link add eth1 type veth peer name eth0 netns stranger
      ip addr add 192.0.2.1/24 dev eth1; ip link set eth1 up
      ip -n stranger link set eth0 up; ip -n stranger addr add 192.0.2.2/24 dev eth0
      ip -n stranger route add default via 192.0.2.1`);
  });

  const places = ['client', 'host', 'guest2', routed.space, bridged.space];
  const asked = [
    [publicAddress, 8051],
    [publicAddress, 8061],
    [publicAddress, 8041],
    [publicAddress6, 8051],
    [publicAddress6, 8061],
    [publicAddress6, 8041],
  ].map(([address, port]) => ({ address: String(address), port: Number(port) }));
  const everywhere = () =>
    Object.fromEntries(
      places.map((space) => [
        space,
        lab.probe(space, asked).map((answer) => /hello from (\w+)/.exec(answer)?.[1] ?? answer),
      ]),
    );
  const all = [routed.space, bridged.space, 'guest1', routed.space, bridged.space, 'guest1'];

  test.each([
    ['every interface', ''],
    ['the uplink alone', '[host]\ninterface = "eth0"\n'],
  ])('forwards that are reached through %s are reached from everywhere inside', (_, host) => {
    const policy = guests
      .map(
        ({ name, address, address6 }) =>
          `[guest.${name}]\naddress = ["${address}", "${address6}"]\nforward = ["80${address.slice(-2)}:80"]\n`,
      )
      .join('');
    lab.configure(
      `${host}${policy}[guest.web]\naddress = ["${web.address}", "${web.address6}"]\nforward = ["8041:80"]\n`,
    );
    for (const guest of guests) expect(startRouted(lab, guest)).toContain('2 forwards');
    lab.hook(web, 'started');
    expect(everywhere()).toEqual(Object.fromEntries(places.map((space) => [space, all])));
    expect(lab.fetch('stranger', '192.0.2.1', 8051)).toContain(host === '' ? 'hello' : 'refused');
    expect(lab.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');
    // A bridge of the administrator's has services of the host for its guests, as libvirt's have.
    lab.host.sh(`ip addr add 10.9.0.1/32 dev br0; ip -n ${bridged.space} route replace 10.9.0.1 dev eth0`);
    lab.hook(web, 'reconnect');
    expect(lab.fetch(bridged.space, '10.9.0.1', 8041)).toContain('refused');
    expect(lab.fetch(bridged.space, publicAddress, 8041)).toContain('hello from guest1');
    // With the last address, the kernel removes the routes.
    lab.host.sh(`ip addr del 10.9.0.1/32 dev br0; ip route replace ${bridged.address}/32 dev br0`);
    expect(lab.guestgate('replay').status).toBe(0);
    expect(everywhere()).toEqual(Object.fromEntries(places.map((space) => [space, all])));
    for (const guest of guests) stopRouted(lab, guest);
    lab.end(web);
    expect(lab.ruleset()).not.toContain(routed.tap);
  });
});
