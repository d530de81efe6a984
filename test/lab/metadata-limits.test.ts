import { beforeEach, describe, expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { defaultNetworkXml } from '../support/lab-xml.ts';

/** Metadata is the word of the person who defines guests, who need not be the administrator. */
const { test, lab, tenant } = labTest({ guests: ['tenant', 'victim'] });
const own = tenant.address;
const neighbour = '192.168.122.42';

beforeEach(() => {
  lab.host.sh('nft flush ruleset; rm -rf /run/guestgate /run/libvirt/qemu');
  const reserved = `<host mac='${tenant.mac}' ip='${own}'/>`;
  lab.host.write(
    '/run/libvirt/network/default.xml',
    defaultNetworkXml.replace('<range ', `${reserved}<range `),
  );
  lab.configure('');
});

const forward = (ports: string, attributes = '') =>
  `<gg:portForward ${attributes}><gg:range ${ports}/></gg:portForward>`;
const start = (content: string) =>
  lab.hook(tenant, 'started', { metadata: `<gg:guest xmlns:gg="urn:guestgate:1">${content}</gg:guest>` });
const answers = (port: number, address = publicAddress) =>
  lab.fetch('client', address, port).includes('hello from guest1');

describe('without a grant, metadata', () => {
  test('forwards a free port of the host to the own address of the guest', () => {
    expect(start(forward('start="8080" to="80"')).stderr).toContain(`1 forward to ${own}`);
    expect(start(forward('start="8081" to="80"', `address="${publicAddress}"`)).stderr).toContain(
      '1 forward',
    );
    expect(answers(8081)).toBe(true);
  });

  test.each([
    [
      "an address that is not the host's",
      forward('start="8080" to="80"', 'address="198.51.100.2"'),
      'addresses',
    ],
    ['the gateway', forward('start="53"', 'proto="udp" address="192.168.122.1"'), 'addresses'],
    ['the interface of the gateway', forward('start="53"', 'proto="udp" uplink="virbr0"'), 'addresses'],
    ['the port of ssh', forward('start="20" end="24"'), 'ports'],
    ['a whole address', `<gg:publicAddress address="${publicAddress}"/>`, 'keys'],
    ['another source address', `<gg:snat address="${publicAddress}"/>`, 'keys'],
    ['a neighbour', `<gg:address address="${neighbour}"/>`, 'keys'],
    ['a neighbour as target', forward(`start="8080" to="${neighbour}:80"`), 'keys'],
    ['an open port', '<gg:open><gg:range start="80"/></gg:open>', 'keys'],
    ["a neighbour's port", `<gg:open address="${neighbour}"><gg:range start="80"/></gg:open>`, 'keys'],
  ])('does not get %s', (_, content, key) => {
    const ran = start(content);
    expect(ran).toMatchObject({ status: 0, stdout: '' });
    expect(ran.stderr).toMatch(new RegExp(`to ${key}.* in \\[host\\.metadata\\]`));
    expect(lab.ruleset()).not.toMatch(new RegExp(`${own}|${neighbour}`));
  });
});
