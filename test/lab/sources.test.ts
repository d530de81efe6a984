import { describe, expect } from 'vitest';
import { publicAddress, secondAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

/** Who may use what: the client has the addresses 198.51.100.2 and .3. */
const { test, lab, web } = labTest({ guests: ['web', 'plain'], forwarding: 'DROP' });

const dns = { address: publicAddress, port: 5353, over: 'udp' } as const;

function start(policy: string): string {
  lab.configure(`[guest.web]\naddress = "${web.address}"\n${policy}\n`);
  return lab.hook(web, 'started').stderr;
}

/** Which of the client's two addresses get an answer. */
function admitted(port: number, address = publicAddress): string[] {
  return lab.admitted(['198.51.100.2', '198.51.100.3'], address, port);
}

describe.each([
  ['allow_from', 'forward = ["8080:80", "5353:53/udp"]\nallow_from = ["198.51.100.3"]'],
  [
    'from of each forward',
    `forward = [
      { port = "8080", to = "80", from = ["198.51.100.3"] },
      { port = "5353", to = "53", protocol = "udp", from = "198.51.100.3/32" },
    ]`,
  ],
  [
    'allow_from at one address',
    `forward = ["${publicAddress}:8080:80", "${publicAddress}:5353:53/udp"]\nallow_from = ["198.51.100.3"]`,
  ],
  ['allow_from for a range', 'forward = ["8080-8089:80-89", "5353:53/udp"]\nallow_from = ["198.51.100.3"]'],
])('%s', (_, policy) => {
  test('admits that source only, over TCP and UDP', () => {
    expect(start(policy)).toContain('2 restrictions');
    expect(admitted(8080)).toEqual(['198.51.100.3']);
    const [kept, allowed] = lab.probe(
      'client',
      ['198.51.100.2', '198.51.100.3'].map((source) => ({ ...dns, source })),
    );
    expect(kept).not.toContain('hello');
    expect(allowed).toBe('hello from guest1, you are 198.51.100.3');
  });

  test('does not keep the host itself out, but other guests', () => {
    start(policy);
    expect(lab.fetch('host', publicAddress, 8080)).toContain('hello from guest1');
    expect(lab.fetch('guest2', publicAddress, 8080)).not.toContain('hello');
  });
});

test('from of a forward counts more than allow_from', () => {
  start(`allow_from = ["198.51.100.3"]
forward = ["8080:80", { port = "8443", to = "443", from = ["198.51.100.2"] }, { port = "2222", to = "22", from = ["0.0.0.0/0"] }]`);
  expect(admitted(8080)).toEqual(['198.51.100.3']);
  expect(admitted(8443)).toEqual(['198.51.100.2']);
  expect(admitted(2222)).toEqual(['198.51.100.2', '198.51.100.3']);
});

test('an empty list: no source gets through', () => {
  start('forward = ["8080:80"]\nallow_from = []');
  expect(admitted(8080)).toEqual([]);
});

test('networks that overlap are one', () => {
  start('forward = ["8080:80"]\nallow_from = ["198.51.100.3", "198.51.100.0/24", "198.51.100.2"]');
  expect(admitted(8080)).toEqual(['198.51.100.2', '198.51.100.3']);
});

test('a restriction that is taken back is gone, and so is one whose guest stops', () => {
  start('forward = ["8080:80"]\nallow_from = ["198.51.100.3"]');
  start('forward = ["8080:80"]');
  expect(admitted(8080)).toEqual(['198.51.100.2', '198.51.100.3']);
  start('forward = ["8080:80"]\nallow_from = ["198.51.100.3"]');
  lab.hook(web, 'stopped');
  lab.host.start('socat', ['TCP4-LISTEN:8080,fork,reuseaddr', 'SYSTEM:read line; echo the host itself']);
  lab.host.sh('for i in $(seq 2000); do ss -ltn | grep -q ":8080 " && exit; sleep 0.05; done; exit 1');
  expect(lab.fetch('client', publicAddress, 8080)).toBe('the host itself');
});

test('the restriction is in place before the guest runs', () => {
  lab.configure(
    `[guest.web]\naddress = "${web.address}"\npublic_address = "${secondAddress}"\nallow_from = ["198.51.100.3"]\nabsent = "host"\n`,
  );
  lab.host.start('socat', [
    `TCP4-LISTEN:9999,bind=${secondAddress},fork,reuseaddr`,
    'SYSTEM:read line; echo the host itself',
  ]);
  lab.host.sh('for i in $(seq 2000); do ss -ltn | grep -q ":9999 " && exit; sleep 0.05; done; exit 1');
  lab.hook(web, 'start');
  expect(lab.fetch('client', secondAddress, 9999)).not.toContain('the host itself');
  expect(lab.fetch('client', secondAddress, 9999, { source: '198.51.100.3' })).toBe('the host itself');
  lab.hook(web, 'started');
  expect(admitted(80, secondAddress)).toEqual(['198.51.100.3']);
  lab.end(web);
  expect(lab.fetch('client', secondAddress, 9999)).toBe('the host itself');
});
