import { afterEach, describe, expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { someOf } from '../support/thoroughness.ts';
import { hostileTest } from './hostile-host.ts';

const { test, host } = hostileTest();
afterEach(() => host.reset());

/** Names that libvirt takes (it forbids `/` and, in XML, control characters), and some that it would not. */
const names: Readonly<Record<string, string>> = {
  spaces: ' a  guest ',
  quotes: `it's "quoted" \`twice\``,
  'a semicolon': 'a; flush ruleset; #',
  'a shell substitution': '$(touch pwned) `touch pwned` $HOME',
  'nft braces': '" } ; flush ruleset ; add element ip guestgate forward_any { "',
  backslashes: 'C:\\nul\\"',
  'a leading dash': '-f',
  'a long option': '--help',
  'the replay option': '--replay',
  'an option of the runtime': '--inspect=0.0.0.0:1',
  'a newline': 'first\nsecond',
  __proto__: '__proto__',
  constructor: 'constructor',
  hasOwnProperty: 'hasOwnProperty',
  'a dot': '.',
  'two dots': '..',
  'a percent sign': '%2e%2E%',
  'a tilde': 'a~b',
  '200 characters': 'x'.repeat(200),
  '200 characters that need encoding': ';'.repeat(200),
  'other scripts': 'гость-客-🚪',
  'a combining name': 'e\u0301\u200d\u202egpj.exe',
  'XML characters': `<&>'"]]&gt;`,
  'TOML characters': `a.b = "c" # 'd'`,
  'an escape sequence': '\u009b31mred\u007f',
};

describe.each(someOf(Object.entries(names), 2))('a guest whose name has %s', (_, name) => {
  test('is opened, agrees, and is closed', () => {
    const guest = { ...host.victim, name };
    host.configure(
      `[guest.${JSON.stringify(name).replaceAll('\u007f', '\\u007f')}]\naddress = "${guest.address}"\nforward = ["8081:80"]\n`,
    );
    for (const operation of ['prepare', 'start', 'started', 'reconnect']) {
      const ran = host.call({ object: name, operation, input: host.lab.xml(guest, operation) });
      expect(ran.status, ran.stderr).toBe(0);
      expect(ran.stderr).toMatch(/^(guestgate: qemu guest "[^\n]*" \w+: 1 forward to [^\n]*\n)?$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
      expect(ran.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    host.setRunning(guest, true);
    expect(host.lab.fetch('client', publicAddress, 8081)).toContain('hello from guest2');
    host.expectAgreement();
    expect(host.lab.guestgate('status')).toMatchObject({ status: 0, stderr: '' });
    expect(host.lab.guestgate('replay', '--', name)).toMatchObject({ status: 0, stderr: '' });
    expect(host.lab.guestgate('plan', '--', name)).toMatchObject({ status: 0, stderr: '' });
    host.expectHealedByReplay();
    expect(host.lab.fetch('client', publicAddress, 8081)).toContain('hello from guest2');

    const stopped = host.call({
      object: name,
      operation: 'stopped',
      input: host.lab.xml(guest, 'stopped'),
    });
    expect(stopped.stderr).toMatch(
      /^guestgate: qemu guest "[^\n]*" stopped: removed: 1 forward \(\d+ ms\)\n$/,
    );
    host.setRunning(guest, false);
    expect(host.lab.fetch('client', publicAddress, 8081)).toContain('refused');
    host.expectAgreement();
    host.expectNeighbour();
    expect(host.lab.host.sh('ls / /run/guestgate')).not.toContain('pwned');
  });
});

/** Every character that moves a cursor, ends a line or turns its direction, but NUL, which no argument can hold. */
const unseen = Array.from({ length: 0x20a0 }, (_, code) => String.fromCharCode(code + 1))
  .filter((character) => /\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u.test(character))
  .join('');

test('no command shows a control character of names, metadata or processes; JSON is exact', () => {
  const { lab } = host;
  const name = `x${unseen}guestgate: all is well`;
  const guest = { ...host.victim, name };
  const metadata = `<gg:guest xmlns:gg="urn:guestgate:1"><gg:allowFrom network='80\u202e&#13;&#10;\u009b2J:x'/></gg:guest>`;
  const config = `[guest.${JSON.stringify(name).replaceAll('\u007f', '\\u007f')}]\naddress = "${guest.address}"\n`;
  host.configure(`${config}forward = ["8099:80", "9000:81"]\n[host]\nmetadata = true\n`);
  // Its port is no other test's: it listens until the host is gone. perl sets the name of the process (prctl(2), PR_SET_NAME), at most 15 bytes.
  const listener = `use IO::Socket::INET; $0 = "\\e]0;\\x9b\\r\\nok: 1";
    my $s = IO::Socket::INET->new(LocalPort => 8099, Listen => 1) or die; print "up\\n"; sleep 600`;
  lab.host.start('perl', ['-e', listener]);
  const shown: string[] = [];
  const ran = (what: { stdout: string; stderr: string }) => shown.push(what.stdout, what.stderr);
  ran(host.call({ object: name, operation: 'started', input: lab.xml(guest, 'started') }));
  ran(
    host.call({
      object: 'tenant',
      operation: 'started',
      input: lab.xml({ ...host.victim, name: 'tenant' }, 'started', metadata),
    }),
  );
  host.setRunning(guest, true);
  for (const [command = '', ...args] of [
    ['status'],
    ['check'],
    ['doctor'],
    ['apply', '--dry-run'],
    ['apply'],
    ['replay'],
    ['plan', '--', name],
    ['explain', `${publicAddress}:8099`],
    ['publish', '--dry-run', '--', name, '8085:85'],
    ['publish', '--dry-run', '--', `no${name}`, '80'],
    ['unpublish', '--dry-run', '--', name, '8099:80'],
    ['plan', '--', `no${name}`],
    ['explain', name],
    [name],
    ['status', '--json'],
  ])
    ran(lab.guestgate(command, ...args));
  const { guests } = JSON.parse(lab.guestgate('status', '--json').stdout) as {
    guests: { guest: { name: string } }[];
  };
  expect(guests.map(({ guest: { name } }) => name)).toContain(name);
  for (const text of shown) {
    expect(text.replaceAll(/[\n\t]/g, '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u);
    expect(text).not.toMatch(/^(guestgate: all is well|ok: 1)/m);
  }
  expect(shown.join('')).toContain('\\u001b]0;');
  ran(host.call({ object: name, operation: 'stopped' }));
  host.call({ object: 'tenant', operation: 'stopped' });
});

test('a name of bytes that are no text is opened and closed', () => {
  const script = `name=$(printf 'a\\377\\001b'); hook=$1; shift 2; "$hook" "$name" "$@"`;
  host.configure(
    `[guest.${JSON.stringify(host.victim.uuid)}]\naddress = "${host.victim.address}"\nforward = ["8081:80"]\n`,
  );
  expect(host.victimCall('started', { script })).toMatchObject({ status: 0 });
  expect(host.lab.fetch('client', publicAddress, 8081)).toContain('hello from guest2');
  expect(host.victimCall('stopped', { script })).toMatchObject({ status: 0 });
  expect(host.lab.fetch('client', publicAddress, 8081)).toContain('refused');
  host.expectAgreement();
});

test('a long name differs from another that begins and ends alike', () => {
  const [one, other] = [`${'n'.repeat(150)}1`, `${'n'.repeat(150)}2`];
  host.configure(
    [one, other]
      .map(
        (name, at) => `[guest.${name}]\naddress = "192.168.122.${70 + at}"\nforward = ["${8081 + at}:80"]\n`,
      )
      .join(''),
  );
  const ports = () => (host.lab.ruleset().match(/tcp \. 808[12]\b/g) ?? []).map((key) => key.slice(6)).sort();
  for (const object of [one, other]) {
    host.call({
      object,
      operation: 'started',
      input: host.lab.xml({ ...host.victim, name: object }, 'started'),
    });
  }
  expect(ports()).toEqual(['8081', '8082']);
  host.call({ object: one, operation: 'stopped' });
  expect(ports()).toEqual(['8082']);
  host.call({ object: other, operation: 'release' });
  expect(ports()).toEqual([]);
});

test('links and networks with hostile names inject nothing', () => {
  host.configure();
  const before = host.lab.ruleset();
  for (const name of ['vnet0"; flush ruleset; #', '$(id)', '*', '../../../proc/sys', '{ }', '-x']) {
    const attribute = name.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    const xml = host.lab
      .xml(host.victim, 'started')
      .replace("bridge='virbr0'", `bridge="${attribute}"`)
      .replace(`dev='${host.victim.tap}'`, `dev="${attribute}"`)
      .replace("network='default'", `network="${attribute}"`);
    const ran = host.call({ object: 'victim', operation: 'started', input: xml });
    expect(ran.status).toBe(0);
    host.expectVictim(true);
    host.expectNeighbour();
    const network = `<hookData><network><name>${attribute}</name><bridge name="${attribute}"/><ip address="10.9.9.1" prefix="24"/></network></hookData>`;
    for (const operation of ['started', 'updated', 'stopped'])
      expect(host.call({ hook: 'network', object: name, operation, input: network }).status).toBe(0);
    expect(host.call({ object: 'victim', operation: 'stopped' }).status).toBe(0);
    host.expectAgreement();
  }
  host.lab.guestgate('replay');
  expect(host.lab.ruleset().split('\n')).toEqual(before.split('\n'));
});

test('an interface name in [host] that is none is refused, and does not reach nft', () => {
  for (const name of ['eth0"; flush ruleset; #', 'eth*', 'a b', '']) {
    host.configure(`snat = "198.51.100.10"\n[host]\ninterface = ${JSON.stringify(name)}\n`);
    const ran = host.victimCall('started');
    expect(ran.status).toBe(0);
    expect(ran.stderr).toMatch(/guestgate\.toml:9: .*(invalid interface name|is a pattern, not a name)/);
    host.expectNeighbour();
  }
  host.reset();
  host.expectAgreement();
});

test('the interface of the default route may have any name the kernel takes', () => {
  const hostile = 'e"};x#$(a)';
  host.lab.host.run('ip', ['link', 'add', 'name', hostile, 'type', 'bridge']);
  host.lab.host.run('ip', ['addr', 'add', '203.0.113.9/24', 'dev', hostile]);
  host.lab.host.run('ip', ['link', 'set', hostile, 'up']);
  host.lab.host.run('ip', ['route', 'replace', 'default', 'dev', hostile]);
  host.configure('snat = "203.0.113.9"\n');
  const ran = host.victimCall('started');
  expect(ran.status).toBe(0);
  expect(ran.stderr).toMatch(/^guestgate: [^\n]*interface[^\n]*\n$/);
  host.expectVictim(true);
  host.expectNeighbour();
  host.lab.host.run('ip', ['link', 'del', hostile]);
  host.lab.host.run('ip', ['route', 'add', 'default', 'via', '198.51.100.2']);
  host.reset();
  host.expectAgreement();
});
