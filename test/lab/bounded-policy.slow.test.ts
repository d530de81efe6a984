import { expect } from 'vitest';
import { publicAddress, secondAddress, thirdAddress } from '../support/lab.ts';
import { ownLabTest } from '../support/lab-test.ts';

/*
 * What a guest's metadata can ask for is bounded: a few lines must not cost the host minutes and gigabytes, nor close the
 * forwards of other guests.
 */

const { test, web: hostile, db } = ownLabTest({ guests: ['web', 'db'] });

/** Shifted by one, each port is an entry of its own: 1.2 million of them in 600 bytes. */
const shifted = [publicAddress, secondAddress, thirdAddress]
  .map(
    (address) =>
      `<gg:portForward proto="tcp+udp+sctp" address="${address}"><gg:range start="2" end="65535" to="1"/></gg:portForward>`,
  )
  .join('');
const ranges = (range: string) => `<gg:portForward>${range.repeat(4000)}</gg:portForward>`;
const many = ranges('<gg:range start="1"/>');
const sources = Array.from(
  { length: 2000 },
  (_, at) => `<gg:allowFrom network="10.${at >> 8}.${at & 255}.0/24"/>`,
);
const wrong = ranges('<gg:range start="x"/>');

test.for([
  ['nftables', 'shifted ranges', shifted, 'ports in shifted ranges; the limit is 1024'],
  ['iptables-nft', 'shifted ranges', shifted, 'ports in shifted ranges; the limit is 1024'],
  ['nftables', 'many forwards', many, 'the policy has 4000 forwards, open ports and public addresses'],
  ['nftables', 'many sources', sources.join(''), 'source networks, counted once'],
  ['nftables', 'many mistakes', wrong, '3980 further mistakes'],
] as const)('%s: a policy of %s costs other guests nothing', ([backend, , asked, problem], { lab }) => {
  lab.useBackend(backend);
  lab.configure(`[guest.db]\naddress = "${db.address}"\nforward = ["8080:80"]\n`);
  const metadata = `<gg:guest xmlns:gg="urn:guestgate:1"><gg:address address="${hostile.address}"/>${asked}</gg:guest>`;
  const refused = lab.hook(hostile, 'started', { metadata });
  expect(refused).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining(problem) });
  expect(lab.hook(db, 'started').stderr).toContain('1 forward');
  expect(lab.guestgate('replay').stderr).toContain(problem);
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest2');
  expect(lab.guestgate('check').stdout).toContain(problem);
  expect(lab.host.sh('cat /run/guestgate/guests/*.json').length).toBeLessThan(16_384);
});

test('the administrator may grant more, in files and in metadata', ({ lab }) => {
  lab.configure('[host.metadata_limits]\nshifted_ports = 3000\n[host.metadata]\nkeys = ["address"]\n');
  const metadata = `<gg:guest xmlns:gg="urn:guestgate:1"><gg:address address="${hostile.address}"/>
    <gg:portForward><gg:range start="8000" end="10999" to="80"/></gg:portForward></gg:guest>`;
  expect(lab.hook(hostile, 'started', { metadata }).stderr).toContain('1 forward');
  expect(lab.fetch('client', publicAddress, 8000)).toContain('hello from guest1');
  lab.configure(
    `[host.limits]\nforwards = 1\n[guest.web]\naddress = "${hostile.address}"\nforward = ["80", "81"]\n`,
  );
  expect(lab.guestgate('check').stdout).toContain('guestgate.toml:3');
  expect(lab.guestgate('apply').stderr).toContain('raise forwards in [host.limits]');
});

test('no limit that a file raises lets a policy keep the kernel busy', ({ lab }) => {
  const ranges = Array.from({ length: 60_000 }, (_, at) => {
    const first = 2 + 2 * (at % 30_000);
    return `"${at < 30_000 ? publicAddress : secondAddress}:${first}-${first + 1}:${first}-${first + 1}"`;
  });
  lab.configure(
    `[host.limits]\nforwards = 100000\n[guest.web]\naddress = "${hostile.address}"\nforward = [${ranges.join()}]\n` +
      `[guest.db]\naddress = "${db.address}"\nforward = ["8080:80"]\n`,
  );
  const [large, other] = [lab.hook(hostile, 'started'), lab.hook(db, 'started')];
  expect(large).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('weigh as much as 60000 ranges'),
  });
  expect(other).toMatchObject({ status: 0, stderr: expect.stringContaining('1 forward') });
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest2');
});

test.for(['nftables', 'iptables-nft'] as const)(
  '%s: an event that changes nothing of a thousand forwards ends in time, and so does the next one',
  (backend, { lab }) => {
    lab.useBackend(backend);
    const forwards = Array.from({ length: 1200 }, (_, at) => `"${2000 + at}:80"`).join();
    lab.configure(
      `[guest.web]\naddress = "${hostile.address}"\nforward = [${forwards}]\n[guest.db]\naddress = "${db.address}"\nforward = ["8080:80"]\n`,
    );
    for (const operation of ['started', 'reconnect'])
      expect(lab.hook(hostile, operation).stderr).toContain(`1200 forwards to ${hostile.address}`);
    expect(lab.hook(db, 'started').stderr).toContain('1 forward');
    expect(lab.guestgate('replay')).toMatchObject({ status: 0, stderr: '' });
    expect(lab.fetch('client', publicAddress, 3199)).toContain('hello from guest1');
  },
);
