import { afterEach, describe, expect } from 'vitest';
import { someOf } from '../support/thoroughness.ts';
import { expectComplaint, hostileTest } from './hostile-host.ts';

const { test, host } = hostileTest();
afterEach(() => {
  host.expectNeighbour();
  host.reset();
  host.expectAgreement();
});

const bomb = `<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 12 }, (_, at) => {
  const [name, before] = ['bcdefghijklm'[at], 'abcdefghijkl'[at]];
  return `<!ENTITY ${name} "${`&${before};`.repeat(10)}">`;
}).join('')}]>`;

const nested = (count: number, open: (at: number) => string, close: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => open(at)).join('') +
  Array.from({ length: count }, (_, at) => close(count - 1 - at)).join('');

/** Texts that are no domain. `victim` is the good one. */
const texts: Readonly<Record<string, (victim: string) => string>> = {
  nothing: () => '',
  'white space': () => ' \n\t\n ',
  'a domain that ends in the middle of a tag': (victim) => victim.slice(0, 200),
  'a domain without its end': (victim) => victim.replace('</domain>', ''),
  'two domains': (victim) => victim + victim,
  'text behind the domain': (victim) => `${victim} and more`,
  'another root element': () => '<network><name>default</name></network>',
  'plain text': () => 'error: failed to get domain',
  JSON: () => '{"domain": {"name": "victim"}}',
  'an entity bomb': (victim) => victim.replace('<domain', `${bomb}<domain`).replace('>victim<', '>&m;<'),
  'an external entity': (victim) =>
    `<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/shadow">]>${victim.replace('>victim<', '>&x;<')}`,
  '200,000 attributes': (victim) =>
    victim.replace(
      '<metadata>',
      `<metadata><x ${Array.from({ length: 200_000 }, (_, at) => `a${at}=""`).join(' ')}/>`,
    ),
  'an undeclared prefix': (victim) => victim.replace('<metadata>', '<metadata><gg:guest/>'),
  '20 MB': (victim) => victim.replace('<metadata>', `<metadata><x>${'y'.repeat(20_000_000)}</x>`),
  'elements in elements, 100,000 deep': (victim) =>
    victim.replace(
      '<metadata>',
      `<metadata>${nested(
        100_000,
        () => '<a>',
        () => '</a>',
      )}`,
    ),
  'namespaces in namespaces, 100,000 deep': (victim) =>
    victim.replace(
      '<metadata>',
      `<metadata>${nested(
        100_000,
        (at) => `<a xmlns:n${at}="u${at}">`,
        () => '</a>',
      )}`,
    ),
};

describe.each(someOf(Object.entries(texts), 2))('on stdin: %s', (_, text) => {
  test('is reported in one line, and harms no other guest', () => {
    const started = host.victimCall('started', { input: text(host.lab.xml(host.victim, 'started')) });
    expectComplaint(
      started,
      0,
      /^guestgate: error: qemu guest "victim" started: reading (the domain XML|stdin)/,
    );
    host.expectVictim(false);
    for (const operation of ['prepare', 'start', 'reconnect', 'attach']) {
      const ran = host.victimCall(operation, { input: text(host.lab.xml(host.victim, operation)) });
      expectComplaint(ran, 0, /reading the domain XML of guest "victim"|reading stdin/);
    }
  });

  test('does not keep a guest from being closed', () => {
    host.victimCall('started');
    host.expectVictim(true);
    expect(host.victimCall('stopped', { input: text(host.lab.xml(host.victim, 'stopped')) }).status).toBe(0);
    host.expectVictim(false);
  });
});

test.each(someOf(['nothing', '20 MB', 'plain text'] as const, 2))(
  'a guest with on_error = "deny" does not start with %s',
  (what) => {
    host.configure('on_error = "deny"\n');
    const input = texts[what]?.('<domain><metadata></metadata></domain>') ?? '';
    for (const operation of ['prepare', 'start'])
      expectComplaint(host.victimCall(operation, { input }), 1, /reading /);
    for (const operation of ['started', 'reconnect', 'attach', 'stopped', 'release'])
      expect(host.victimCall(operation, { input }).status).toBe(0);
  },
);

test.each(['qemu:victim', 'aaaaaaaa-0000-4000-8000-00000000beef'])(
  'nor does it where the policy names it %s',
  (key) => {
    host.lab.configure(`[guest."${key}"]\non_error = "deny"\n`);
    const definition = `<domain type='kvm'>\n  <name>victim</name>\n  <uuid>aaaaaaaa-0000-4000-8000-00000000beef</uuid>\n</domain>\n`;
    host.lab.host.sh('mkdir -p /etc/libvirt/qemu');
    host.lab.host.write('/etc/libvirt/qemu/victim.xml', definition);
    for (const input of ['', definition.replace('</domain>', '')])
      expectComplaint(host.victimCall('prepare', { input }), 1, /reading /);
    // Another driver's guest of that name is another guest.
    host.lab.configure('[guest.victim]\non_error = "deny"\n');
    expectComplaint(host.victimCall('prepare', { input: '' }), 1, /reading /);
    expectComplaint(host.victimCall('prepare', { input: '', hook: 'lxc' }), 0, /reading /);
    host.lab.host.sh('rm /etc/libvirt/qemu/victim.xml');
  },
);

test.each<[string, (victim: string) => string]>([
  ['a byte order mark', (victim) => `\ufeff${victim}`],
  ['a NUL byte', (victim) => victim.replace('<name>', '<name>\0')],
])('a domain with %s is read', (_, change) => {
  const input = change(host.lab.xml(host.victim, 'started'));
  expect(host.victimCall('started', { input })).toMatchObject({ status: 0 });
  host.expectVictim(true);
});

test('a domain with a DOCTYPE, comments, CDATA and processing instructions is read', () => {
  const xml = host.lab.xml(host.victim, 'started');
  const input = `<?xml version="1.0"?>\n<!DOCTYPE domain SYSTEM "x.dtd">\n<!-- <domain> --><?pi <x ?>${xml.replace('<metadata>', '<metadata><![CDATA[</metadata></domain>]]>')}`;
  expect(host.victimCall('started', { input })).toMatchObject({ status: 0 });
  host.expectVictim(true);
});

test('a million elements side by side are read in time', () => {
  const input = host.lab
    .xml(host.victim, 'started')
    .replace('<metadata>', `<metadata>${'<y/>'.repeat(1_000_000)}`);
  expect(host.victimCall('started', { input })).toMatchObject({ status: 0 });
  host.expectVictim(true);
});

describe('stdin', () => {
  test('that is left open after the document is not waited for', () => {
    const script = `mkfifo /tmp/fifo; (cat /tmp/xml; exec sleep 60) >/tmp/fifo 2>/dev/null & "$@" </tmp/fifo 2>/tmp/said; code=$?; kill $!; rm /tmp/fifo; cat /tmp/said >&2; exit $code`;
    host.lab.host.write('/tmp/xml', host.lab.xml(host.victim, 'started'));
    expect(host.victimCall('started', { script })).toMatchObject({ status: 0 });
    host.expectVictim(true);
  });

  test('that is left open and says nothing is given up', () => {
    const script = `mkfifo /tmp/fifo; sleep 60 >/tmp/fifo 2>/dev/null & "$@" </tmp/fifo 2>/tmp/said; code=$?; kill $!; rm /tmp/fifo; cat /tmp/said >&2; exit $code`;
    expectComplaint(host.victimCall('reconnect', { script }), 0, /reading the domain XML.*empty/);
    expect(host.victimCall('stopped', { script })).toMatchObject({ status: 0, stderr: '' });
  });

  test('that comes in drops, for ever, is given up', () => {
    const script = `mkfifo /tmp/fifo; (while echo '<a>'; do sleep 0.5; done) >/tmp/fifo 2>/dev/null & "$@" </tmp/fifo 2>/tmp/said; code=$?; kill $!; rm /tmp/fifo; cat /tmp/said >&2; exit $code`;
    expectComplaint(host.victimCall('reconnect', { script }), 0, /reading /);
  });

  test('that is closed is reported as closed', () => {
    expectComplaint(host.victimCall('reconnect', { script: '"$@" <&-' }), 0, /reading /);
    expect(host.victimCall('stopped', { script: '"$@" <&-' })).toMatchObject({ status: 0, stderr: '' });
  });

  test('that is a folder is reported as a folder', () => {
    expectComplaint(host.victimCall('reconnect', { script: '"$@" </tmp' }), 0, /reading /);
  });
});

describe('stderr', () => {
  const ways = { 'is closed': '2>&-', 'is full': '2>/dev/full', 'has no reader': '2>/tmp/fifo' };
  test.each(someOf(Object.entries(ways), 3))('that %s changes nothing', (_, way) => {
    const script = `mkfifo /tmp/fifo; head -c0 /tmp/fifo & "$@" ${way}; code=$?; rm /tmp/fifo; exit $code`;
    const call = (operation: string) =>
      host.victimCall(operation, { script: way === '2>/tmp/fifo' ? script : `"$@" ${way}` });
    expect(call('started').status).toBe(0);
    host.expectVictim(true);
    expect(
      host.victimCall('reconnect', { script: `"$@" ${way === '2>/tmp/fifo' ? '2>&-' : way}`, input: 'x' })
        .status,
    ).toBe(0);
    expect(call('stopped').status).toBe(0);
    host.expectVictim(false);
  });
});

test('unknown operations and hooks do nothing, silently', () => {
  for (const hook of ['qemu', 'lxc', 'libxl', 'network', 'daemon']) {
    for (const operation of [
      '',
      'starting',
      '__proto__',
      'constructor',
      'toString',
      '--help',
      'x'.repeat(10_000),
    ]) {
      expect(host.call({ hook, operation, object: 'victim' })).toMatchObject({ status: 0, stderr: '' });
    }
  }
  expect(host.victimCall('started', { script: 'exec "$1"' })).toMatchObject({ status: 0, stderr: '' });
  expect(host.victimCall('started', { script: 'exec "$1" "$2"' })).toMatchObject({ status: 0, stderr: '' });
});

test('migrate and restore print nothing: libvirt would take it for the XML', () => {
  for (const operation of ['migrate', 'restore'])
    expect(host.victimCall(operation)).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

test.each(someOf(['', 'x', '<hookData/>', '<hookData><network/></hookData>', '<domain/>'] as const, 3))(
  'a network event with %j on stdin leaves all as it is',
  (input) => {
    for (const operation of ['started', 'updated', 'stopped', 'port-created', 'port-deleted'])
      expect(host.call({ hook: 'network', object: 'default', operation, input }).status).toBe(0);
  },
);

test('what libvirt left in its folders does not keep others from being replayed', () => {
  host.lab.host.sh(`
    cd /run/libvirt/qemu; : >empty.xml; echo '<domain' >half.xml; mkdir folder.xml; mkfifo fifo.xml; ln -s nowhere.xml dangling.xml
    head -c 100000 /dev/urandom >binary.xml; head -c 20000000 /dev/zero >huge.xml
    cd /run/libvirt/network; : >empty.xml; mkdir folder.xml; mkfifo fifo.xml; head -c 100000 /dev/urandom >binary.xml
    mkdir -p /var/lib/libvirt/dnsmasq /etc/libvirt/qemu/networks; cd /var/lib/libvirt/dnsmasq; mkfifo default.hostsfile; mkdir virbr0.status
  `);
  const replayed = host.lab.guestgate('replay');
  expect(replayed.status).toBe(1);
  for (const name of ['empty', 'half', 'folder', 'fifo', 'binary', 'huge'])
    expect(replayed.stderr).toMatch(new RegExp(`^guestgate: qemu guest "${name}": [^\\n]*$`, 'm'));
  host.expectNeighbour();
  host.configure('[guest.seeker]\nforward = ["8082:80"]\n');
  const seeker = { ...host.victim, name: 'seeker' };
  const ran = host.call({ object: 'seeker', operation: 'started', input: host.lab.xml(seeker, 'started') });
  expectComplaint(ran, 0, /its address is not known/);
  host.lab.host.sh(`
    cd /run/libvirt/qemu; rm -rf empty.xml half.xml folder.xml fifo.xml dangling.xml binary.xml huge.xml
    cd /run/libvirt/network; rm -rf empty.xml folder.xml fifo.xml binary.xml
    rm -rf /var/lib/libvirt/dnsmasq
  `);
});
