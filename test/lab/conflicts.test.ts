import { beforeEach, describe, expect } from 'vitest';
import { publicAddress, secondAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';

/** Two guests claim one host port: the first keeps it, the second is told, and gets all else. */
const { test, lab, first, second } = labTest({ guests: ['first', 'second'] });
beforeEach(() => {
  lab.end(first);
  lab.end(second);
});

function configure(one: string, other: string): void {
  lab.configure(`
[guest.first]
address = "${first.address}"
${one}
[guest.second]
address = "${second.address}"
${other}
`);
}

const forward = (...forwards: string[]) => `forward = ${JSON.stringify(forwards)}`;
const answers = (port: number, address = publicAddress) => lab.fetch('client', address, port);

describe.each(
  someOf(
    [
      [
        'the same port of one address',
        `${publicAddress}:8080:80`,
        `${publicAddress}:8080:80`,
        `${publicAddress}:8080/tcp`,
      ],
      ['the same port of any address', '8080:80', '8080:80', 'port 8080/tcp'],
      ['any address, then one', '8080:80', `${publicAddress}:8080:80`, `${publicAddress}:8080/tcp`],
      ['one address, then any', `${publicAddress}:8080:80`, '8080:80', 'port 8080/tcp'],
      ['a range, then a port in it', '8080-8099:80-99', '8080:80', 'port 8080/tcp'],
      ['a port, then a range around it', '8080:80', '8000-8100:8000-8100', 'port 8000-8100/tcp'],
      ['two ranges', '8080-8090:80-90', '8070-8080:8070-8080', 'port 8070-8080/tcp'],
      ['a range of thousands, then a port in it', '8080-20000:80-12000', '8080:80', 'port 8080/tcp'],
      ['a port, then a range of thousands', '8080:80', '1024-30000:1024-30000', 'port 1024-30000/tcp'],
    ] as const,
    3,
  ),
)('%s', (_, one, other, claim) => {
  test('the first keeps it, the second reports the conflict, and its other forwards work', () => {
    configure(forward(one), forward(other, '60080:80', '8080:53/udp'));
    expect(lab.hook(first, 'started')).toMatchObject({ status: 0, stdout: '' });
    const refused = lab.hook(second, 'started');
    const problem = `${claim} is taken by qemu guest "first", which came first`;
    expect(refused).toMatchObject({ status: 0, stdout: '' });
    expect(refused.stderr).toContain(problem);
    expect(lab.guestgate('status').stdout).toContain(problem);
    expect(answers(8080)).toContain('hello from guest1');
    expect(answers(60080)).toContain('hello from guest2');
    expect(lab.ask('client', publicAddress, 8080)).toContain('hello from guest2');
  });

  test('when the second stops, the first is still reached', () => {
    configure(forward(one), forward(other, '60080:80'));
    for (const guest of [first, second]) lab.hook(guest, 'started');
    lab.end(second);
    expect(answers(8080)).toContain('hello from guest1');
    expect(answers(60080)).toContain('refused');
  });
});

test.each(someOf(['replay', 'replay second', 'reconnect'] as const, 2))(
  'when the first stops, the second has it, keeps it after %s, and the first does not take it back',
  (how) => {
    configure(forward('8080:80'), forward('8080:80'));
    for (const guest of [first, second]) lab.hook(guest, 'started');
    // No file will ever say more of either: no process is left behind that follows it.
    expect(lab.host.run('pgrep', ['-f', 'follow-leases'], { mayFail: true }).stdout).toBe('');
    lab.end(first);
    expect(answers(8080)).toContain('hello from guest2');
    if (how === 'reconnect') lab.hook(second, 'reconnect');
    else expect(lab.guestgate(...how.split(' '))).toMatchObject({ status: 0, stderr: '' });
    expect(answers(8080)).toContain('hello from guest2');
    expect(lab.guestgate('check').status).toBe(0);
    lab.hook(first, 'started');
    expect(answers(8080)).toContain('hello from guest2');
  },
);

test('replay does not give it to another, whatever the names', () => {
  configure(forward('8080:80'), forward('8080:80'));
  for (const guest of [second, first]) lab.hook(guest, 'started');
  for (let times = 0; times < 2; times++) {
    expect(lab.guestgate('replay').stderr).toContain('port 8080/tcp is taken by');
    expect(answers(8080)).toContain('hello from guest2');
  }
});

test("a public address is one guest's only, and the loser does not leave with it", () => {
  const address = `public_address = "${secondAddress}"`;
  configure(address, address);
  lab.serve('client', 'hello from client');
  lab.hook(first, 'started');
  expect(lab.hook(second, 'started').stderr).toContain(
    `address ${secondAddress} is taken by qemu guest "first"`,
  );
  expect(answers(80, secondAddress)).toContain('hello from guest1');
  expect(lab.fetch('guest2', '198.51.100.2', 80)).not.toContain(secondAddress);
});

test('different addresses, protocols and ports are no conflict', () => {
  configure(
    forward(`${publicAddress}:8080:80`, '5353:53/udp', '7000-7010:7000-7010'),
    forward(`${secondAddress}:8080:80`, '5353:80/tcp', '7011:80'),
  );
  for (const guest of [first, second]) expect(lab.hook(guest, 'started').stderr).not.toContain('taken');
  expect(answers(8080)).toContain('hello from guest1');
  expect(answers(8080, secondAddress)).toContain('hello from guest2');
  expect(answers(7011)).toContain('hello from guest2');
});

test('with on_error = "deny" the second may not start, and what the first has stays', () => {
  configure(forward('8080:80'), `${forward('8080:80')}\non_error = "deny"`);
  lab.hook(first, 'started');
  expect(lab.hook(second, 'prepare')).toMatchObject({ status: 1, stdout: '' });
  lab.end(second);
  expect(answers(8080)).toContain('hello from guest1');
});
