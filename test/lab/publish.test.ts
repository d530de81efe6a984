import { beforeEach, describe, expect } from 'vitest';
import { publicAddress, secondAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';

/** publish and unpublish, for guests that run, and before they start. */
const main = '/etc/guestgate/guestgate.toml';
const folder = '/etc/guestgate/guests.d';

const { test, lab, web } = labTest({ guests: ['web'] });
beforeEach(() => {
  lab.host.sh(`nft flush ruleset; rm -rf /run/guestgate /run/libvirt/qemu /etc/libvirt/qemu ${folder}`);
  lab.configure(commented());
  lab.host.sh(`chmod 640 ${main}`);
});

const commented = () => `# our gate
[guest.web] # the shop
address = "${web.address}"
forward = [
  "8080:80", # http
  # "22:22" never
]

[guest.dns]
address = "192.168.122.99"
forward = ["53:53/udp", "8081:80"]
`;
const answers = (port: number, address = publicAddress, source?: string) =>
  lab.fetch('client', address, port, source === undefined ? {} : { source }).includes('hello from guest1');
const files = () => lab.host.sh(`cd /etc/guestgate; find . -type f | sort | xargs sha256sum; cat ${main}`);

describe('publish', () => {
  test('opens the port of a running guest, and keeps everything else in the file', () => {
    lab.hook(web, 'started');
    expect(answers(8443)).toBe(false);
    const ran = lab.guestgate('publish', 'web', '8443:443', `${secondAddress}:90:80/tcp`);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout).toBe(`--- ${main}
+++ ${main}
@@ -4,4 +4,6 @@
 forward = [
   "8080:80", # http
+  "8443:443",
+  "${secondAddress}:90:80/tcp",
   # "22:22" never
 ]
guest "web": runs with 3 forwards now
`);
    expect(answers(8443)).toBe(true);
    expect(answers(90, secondAddress)).toBe(true);
    expect(answers(90)).toBe(false);
    expect(answers(8080)).toBe(true);
    expect(lab.host.read(main)).toBe(
      commented().replace('# http\n', `# http\n  "8443:443",\n  "${secondAddress}:90:80/tcp",\n`),
    );
    expect(lab.host.sh(`stat -c '%a %u %g' ${main}; ls -A /etc/guestgate`)).toBe('640 0 0\nguestgate.toml\n');
    expect(lab.guestgate('check').status).toBe(0);
  });

  test('for some sources only', () => {
    lab.hook(web, 'started');
    expect(lab.guestgate('publish', 'web', '8443:443', '--from', '198.51.100.3').status).toBe(0);
    expect(answers(8443, publicAddress, '198.51.100.3')).toBe(true);
    expect(answers(8443)).toBe(false);
    expect(lab.host.read(main)).toContain('  { port = "8443", to = "443", from = ["198.51.100.3"] },\n');
  });

  test('within limits, and at 127.0.0.1', () => {
    lab.hook(web, 'started');
    expect(lab.guestgate('publish', 'web', '8443:443', '--connections', '2', '--loopback').status).toBe(0);
    expect(lab.host.read(main)).toContain(
      '  { port = "8443", to = "443", connections = 2, loopback = true },\n',
    );
    expect(answers(8443)).toBe(true);
    expect(lab.fetch('host', '127.0.0.1', 8443)).toContain('hello from guest1');
    const again = lab.guestgate('publish', 'web', '8443:443');
    expect(again).toMatchObject({ status: 2 });
    expect(again.stderr).toContain('all sources, with limits, at 127.0.0.1 too: unpublish it first');
    expect(lab.guestgate('publish', 'web', '90', '--connections', 'x')).toMatchObject({ status: 2 });
  });

  test('what is already published changes nothing', () => {
    lab.hook(web, 'started');
    const before = files();
    const ran = lab.guestgate('publish', 'web', '8080:80/tcp');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout).toContain('8080:80/tcp is already published');
    expect(files()).toBe(before);
    expect(answers(8080)).toBe(true);
  });

  test('a guest that does not run opens when it starts; one without a policy gets a file of its own', () => {
    lab.configure('');
    const ran = lab.guestgate('publish', 'web', '8080:80');
    expect(ran.status).toBe(0);
    expect(ran.stdout).toContain('its forwards open when "web" starts');
    expect(lab.host.read(`${folder}/web.toml`)).toBe('[guest.web]\nforward = ["8080:80"]\n');
    expect(lab.host.sh(`stat -c '%a %u' ${folder} ${folder}/web.toml`)).toBe('755 0\n644 0\n');
    lab.host.sh(`printf 'address = "${web.address}"\\n' >>${folder}/web.toml`);
    lab.hook(web, 'started');
    expect(answers(8080)).toBe(true);
  });

  test('a guest is found by its UUID, in the command and in the file', () => {
    lab.configure(`[guest."${web.uuid}"]\naddress = "${web.address}"\n`);
    lab.hook(web, 'started');
    expect(lab.guestgate('publish', 'web', '8080:80').status).toBe(0);
    expect(lab.guestgate('publish', web.uuid, '8443:443').status).toBe(0);
    expect(lab.host.read(main)).toContain('forward = ["8080:80", "8443:443"]');
    expect([answers(8080), answers(8443)]).toEqual([true, true]);
  });

  test.each(
    someOf(
      [
        'two words',
        '../../x',
        '..',
        '-x',
        '__proto__',
        'web.example.com',
        '"; rm -rf x',
        'ü'.repeat(100),
      ] as const,
      2,
    ),
  )('a guest may be called %j', (name) => {
    const ran = lab.guestgate('publish', '--', name, '9000:90');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
    const again = lab.guestgate('publish', '--', name, '9000:90');
    expect(again.stdout).toContain('already published');
    expect(lab.host.sh(`find /etc/guestgate -type f | grep -c .`).trim()).toBe('2');
    expect(lab.guestgate('unpublish', '--', name, '9000')).toMatchObject({ status: 0, stderr: '' });
  });

  test('a link to a file stays one', () => {
    lab.host.sh(`mv ${main} /etc/elsewhere.toml; ln -s ../elsewhere.toml ${main}`);
    expect(lab.guestgate('publish', 'web', '8443:443').status).toBe(0);
    expect(lab.host.sh(`readlink ${main}; grep -c 8443 /etc/elsewhere.toml`)).toBe('../elsewhere.toml\n1\n');
    lab.host.sh(`rm ${main}`);
  });

  test('a dry run shows the change and makes none', () => {
    lab.hook(web, 'started');
    const before = files();
    const ran = lab.guestgate('publish', 'web', '8443:443', '--dry-run');
    expect(ran.status).toBe(0);
    expect(ran.stdout).toContain('+  "8443:443",');
    expect(files()).toBe(before);
    expect(answers(8443)).toBe(false);
  });
});

describe('unpublish', () => {
  test('closes the port of a running guest', () => {
    lab.hook(web, 'started');
    lab.guestgate('publish', 'web', '8443:443');
    expect(lab.guestgate('unpublish', 'web', '8080')).toMatchObject({ status: 0, stderr: '' });
    expect([answers(8080), answers(8443)]).toEqual([false, true]);
    expect(lab.host.read(main)).toBe(commented().replace('"8080:80", # http', '"8443:443",'));
    expect(lab.guestgate('unpublish', 'web', '8443:443/tcp').status).toBe(0);
    expect(answers(8443)).toBe(false);
    expect(lab.ruleset()).not.toContain(web.address);
    expect(lab.guestgate('check').status).toBe(0);
  });

  test('of all', () => {
    lab.hook(web, 'started');
    lab.guestgate('publish', 'web', '8443:443');
    expect(lab.guestgate('unpublish', 'web', '--all').status).toBe(0);
    expect([answers(8080), answers(8443)]).toEqual([false, false]);
    expect(lab.guestgate('unpublish', 'web', '--all')).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('what is refused changes nothing', () => {
  test.each<[string, readonly string[], string]>([
    ['an invalid forward', ['publish', 'web', '99999:80'], 'invalid port "99999"'],
    ['an invalid network', ['publish', 'web', '81', '--from', 'everywhere'], 'invalid network "everywhere"'],
    ["a port of the guest's own", ['publish', 'web', '8080:443'], "contradicts the guest's own 8080:80"],
    [
      'the same for others',
      ['publish', 'web', '8080:80', '--from', '10.0.0.0/8'],
      'is already published, for ',
    ],
    [
      'two that contradict each other',
      ['publish', 'web', '90:80', '90:81'],
      "contradicts the guest's own 90:80",
    ],
    ["another guest's port", ['publish', 'web', '81', '8081:80'], `${main}:11: guest "dns" has 8081:80`],
    [
      'a port that is not published',
      ['unpublish', 'web', '8081'],
      '8081 is not published; its forwards: 8080:80/tcp',
    ],
    ['another guest port', ['unpublish', 'web', '8080:81'], 'similar forwards: 8080:80/tcp'],
    ['some of which one is not published', ['unpublish', 'web', '8080', '9'], '9 is not published'],
    ['neither forward nor --all', ['unpublish', 'web'], 'name forwards, or give --all'],
    ['a guest without forwards', ['unpublish', 'other', '80'], 'the guest has no forwards'],
  ])('%s', (_, args, message) => {
    lab.hook(web, 'started');
    const before = [files(), lab.ruleset()];
    const ran = lab.guestgate(...args);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain(message);
    expect([files(), lab.ruleset()]).toEqual(before);
  });

  test.each<[string, string, string]>([
    [
      "a mistake in the guest's table",
      '[guest.web]\nforwards = ["80"]\n',
      `${main}:2: unknown key "forwards"`,
    ],
    ['invalid TOML', '[guest.web\n', `${main}:1: invalid TOML`],
    ['a mistake in [host]', '[host]\nmark = 3\n', `${main}:2: mark`],
  ])('%s', (_, text, message) => {
    lab.configure(text);
    const ran = lab.guestgate('publish', 'web', '8443:443');
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain(message);
    expect(lab.host.sh(`find /etc/guestgate -type f; cat ${main}`)).toBe(`${main}\n${text}`);
  });

  test("a mistake in another guest's table does not matter", () => {
    lab.configure(`${commented()}nonsense = 1\n`);
    expect(lab.guestgate('publish', 'web', '8443:443')).toMatchObject({ status: 0, stderr: '' });
  });

  test('a guest with forwards in its XML, which forwards in a file would replace', () => {
    lab.configure('');
    const metadata =
      '<gg:guest xmlns:gg="urn:guestgate:1"><gg:portForward><gg:range start="80"/></gg:portForward></gg:guest>';
    lab.hook(web, 'started', { metadata });
    expect(lab.guestgate('publish', 'web', '8443:443')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--metadata'),
    });
    expect(lab.host.sh('find /etc/guestgate -type f')).toBe(`${main}\n`);
  });

  test('the removal of its last table, if its XML has forwards, which would then apply', () => {
    lab.configure('[[guest.web.forward]]\nport = 81\n');
    const metadata =
      '<gg:guest xmlns:gg="urn:guestgate:1"><gg:portForward><gg:range start="80"/></gg:portForward></gg:guest>';
    lab.hook(web, 'started', { metadata });
    const before = files();
    expect(lab.guestgate('unpublish', 'web', '81')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('the forwards in its XML would apply'),
    });
    expect(files()).toBe(before);
  });

  test('a file that others can write', () => {
    lab.host.sh(`chmod 666 ${main}`);
    const before = files();
    expect(lab.guestgate('publish', 'web', '8443:443')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('can be written by all users'),
    });
    expect(files()).toBe(before);
  });

  test('a host without virsh, asked for metadata', () => {
    lab.configure('');
    lab.hook(web, 'started');
    lab.host.sh('rm -f /usr/bin/virsh');
    expect(lab.guestgate('publish', 'web', '8443:443', '--metadata')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/reading the metadata of guest "web": virsh .* is not installed/),
    });
  });
});

test('as JSON', () => {
  lab.hook(web, 'started');
  const ran = lab.guestgate('publish', 'web', '8443:443', '--json');
  expect(JSON.parse(ran.stdout)).toMatchObject({
    guest: 'web',
    running: true,
    changed: true,
    file: main,
    diff: expect.stringContaining('+  "8443:443",'),
    elements: expect.arrayContaining([expect.objectContaining({ to: 443 })]),
    problems: [],
  });
});

test('a forward without a port of the host gets a free one, which is printed and reaches the guest', () => {
  lab.hook(web, 'started');
  lab.host.sh('socat TCP-LISTEN:20000,fork EXEC:true </dev/null >/dev/null 2>&1 &');
  lab.host.sh('until grep -q :4E20 /proc/net/tcp; do sleep 0.1; done');
  const ran = lab.guestgate('publish', web.name, ':80');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(ran.stdout).toContain(':80 becomes 20001:80');
  expect(lab.fetch('client', publicAddress, 20001)).toContain('hello from');
  expect(lab.guestgate('publish', web.name, ':80').stdout).toContain(':80 becomes 20002:80');
});

test('a temporary forward needs a guest that runs', () => {
  const ran = lab.guestgate('publish', 'nobody', '80', '--temporary');
  expect(ran).toMatchObject({ status: 2, stderr: expect.stringContaining('see virsh list --all') });
});
