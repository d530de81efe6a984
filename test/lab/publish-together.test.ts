import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Lab, type LabGuest, publicAddress } from '../support/lab.ts';

/*
 * Several commands change the configuration at the same time: a provisioning tool publishes ten ports, an administrator
 * saves the file in an editor. No command fails for that reason, and no change is lost.
 */

const main = '/etc/guestgate/guestgate.toml';
const lock = '/run/guestgate/configuration-lock';
const ports = Array.from({ length: 10 }, (_, index) => String(7000 + index));

let lab: Lab;
let web: LabGuest;
beforeAll(async () => {
  lab = await Lab.create();
  web = lab.addGuest('web');
});
afterAll(() => lab.destroy());
beforeEach(() => {
  lab.host.sh('nft flush ruleset; rm -rf /run/guestgate /run/libvirt/qemu');
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
});

/** Runs a command for each port at the same time. */
async function together(command: string, options: string, suffix = ''): Promise<void> {
  const ran = await Promise.all(
    ports.map((port) =>
      lab.host.runAside(
        '/usr/bin/guestgate',
        [command, 'web', `${port}${suffix}`, ...options.split(' ').filter(Boolean)],
        {
          mayFail: true,
        },
      ),
    ),
  );
  expect(ran.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
    ports.map(() => ({ status: 0, stderr: '' })),
  );
}

/** The ports that the kernel translates. */
function inKernel(): string[] {
  const rules = lab.ruleset();
  return ports.filter((port) => new RegExp(`tcp \\. ${port} .*: ${web.address} \\. 80`).test(rules));
}

const answers = (port: string) =>
  lab.fetch('client', publicAddress, Number(port)).includes('hello from guest1');

describe('in a file', () => {
  test('ten publish at the same time: all succeed, and all ten forwards are in the file and in the kernel', async () => {
    lab.hook(web, 'started');
    await together('publish', '', ':80');
    for (const port of ports) expect(lab.host.read(main)).toContain(`"${port}:80"`);
    expect(inKernel()).toEqual(ports);
    expect(answers('7009')).toBe(true);
    expect(lab.guestgate('check').status).toBe(0);
    await together('unpublish', '');
    expect(lab.host.read(main)).toContain('forward = ["8080:80"]\n');
    expect(inKernel()).toEqual([]);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
  });

  test('an editor saves the file while a command decides: the command adds to the new text', async () => {
    lab.hook(web, 'started');
    const open = ['-P', main, '-e', 'trace=openat', '-e', 'inject=openat:delay_enter=1500000:when=2'];
    const command = ['/usr/bin/guestgate', 'publish', 'web', '8443:443'];
    const ran = lab.host.runAside('strace', ['-f', '-qq', '-o', '/tmp/opened', ...open, ...command], {
      mayFail: true,
    });
    lab.host.sh(`for i in $(seq 500); do grep -q openat /tmp/opened 2>/dev/null && break; sleep 0.01; done
      sleep 0.3; sed -i 's/"8080:80"/"8081:80"/; 1i # edited' ${main}`);
    expect(await ran).toMatchObject({ status: 0, stderr: '' });
    expect(lab.host.read(main)).toBe(
      `# edited\n[guest.web]\naddress = "${web.address}"\nforward = ["8081:80", "8443:443"]\n`,
    );
    expect(lab.fetch('client', publicAddress, 8443)).toContain('hello from guest1');
  });

  test('an editor saves the file while a command reads it: no later event finds the old text in the cache', async () => {
    lab.hook(web, 'started');
    lab.host.sh('rm -f /run/guestgate/policies /tmp/closed');
    const close = ['-P', main, '-e', 'trace=close', '-e', 'inject=close:delay_exit=1500000:when=1'];
    const ran = lab.host.runAside(
      'strace',
      ['-f', '-qq', '-o', '/tmp/closed', ...close, '/usr/bin/guestgate', 'replay'],
      { mayFail: true },
    );
    lab.host.sh(`for i in $(seq 500); do [ -s /tmp/closed ] && break; sleep 0.01; done
      sleep 0.2; sed -i 's/"8080:80"/"8081:80"/' ${main}`);
    expect((await ran).status).toBe(0);
    lab.hook(web, 'reconnect');
    expect(lab.fetch('client', publicAddress, 8081)).toContain('hello from guest1');
    expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
  });

  test('two imports at the same time: the second finds the files of the first', async () => {
    lab.host.write(
      '/tmp/hooks.json',
      '{ "db": { "private_ip": "192.168.122.99", "port_map": { "tcp": [5432] } } }',
    );
    const ran = await Promise.all(
      [1, 2].map(() =>
        lab.host.runAside('/usr/bin/guestgate', ['import', '/tmp/hooks.json'], { mayFail: true }),
      ),
    );
    expect(ran.map(({ status }) => status).sort()).toEqual([0, 2]);
    expect(ran.map(({ stderr }) => stderr).join('')).toContain(
      'already has a policy in /etc/guestgate/guests.d/db.toml',
    );
    lab.host.sh('rm -r /etc/guestgate/guests.d');
  });
});

test('a command holds the lock: others wait 20 s and name it, a hook and a dry run do not wait', async () => {
  lab.host.sh('mkdir -p /run/guestgate');
  const holder = lab.host.start('flock', [lock, 'sleep', '60']);
  lab.host.sh(`for i in $(seq 100); do flock -n ${lock} true || exit 0; sleep 0.05; done; exit 1`);
  const waiting = lab.host.runAside('/usr/bin/guestgate', ['publish', 'web', '8443:443'], { mayFail: true });
  const begun = Date.now();
  expect(lab.hook(web, 'started').status).toBe(0);
  expect(lab.guestgate('publish', 'web', '8443:443', '--dry-run').status).toBe(0);
  expect(Date.now() - begun).toBeLessThan(10_000);
  expect(await waiting).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(
      /another guestgate command .* holds \S+configuration-lock for more than 20 s/,
    ),
  });
  expect(lab.host.read(main)).toContain('["8080:80"]');
  void holder;
});

describe("in the guest's XML", () => {
  test('ten publish at the same time: all succeed, and all ten forwards are in the XML and in the kernel', async () => {
    lab.configure('');
    lab.host.write('/usr/local/bin/virsh', virsh());
    lab.host.sh('chmod +x /usr/local/bin/virsh; mkdir -p /run/libvirt/qemu; : >/tmp/metadata');
    const [head = '', tail = ''] = lab.status(web, 'HERE').split('HERE');
    lab.host.write('/tmp/head', head);
    lab.host.write('/tmp/tail', tail);
    const first =
      '<gg:guest xmlns:gg="urn:guestgate:1"><gg:portForward><gg:range start="8080" to="80"/></gg:portForward></gg:guest>';
    lab.host.write(
      '/tmp/metadata',
      '<guest><portForward><range start="8080" to="80"/></portForward></guest>',
    );
    lab.host.write('/var/lib/libvirt/dnsmasq/virbr0.status', lease());
    expect(lab.hook(web, 'started', { metadata: first }).status).toBe(0);
    await together('publish', '--metadata', ':80');
    const text = lab.host.read('/tmp/metadata');
    for (const port of ports) expect(text).toContain(`start="${port}"`);
    expect(inKernel()).toEqual(ports);
    expect(answers('7009')).toBe(true);
    lab.host.sh('rm /usr/local/bin/virsh');
  });
});

function lease(): string {
  const expires = Math.floor(Date.now() / 1000) + 3600;
  return JSON.stringify([{ 'ip-address': web.address, 'mac-address': web.mac, 'expiry-time': expires }]);
}

/** As much of virsh as `--metadata` needs: libvirt takes the namespace off, and puts it on in the domain's XML. */
function virsh(): string {
  return `#!/bin/sh
set=; for text; do [ "$text" = --set ] && set=1; done
sleep 0.02
[ -n "$set" ] || { cat /tmp/metadata; exit 0; }
printf %s "$text" >/tmp/metadata.$$; mv /tmp/metadata.$$ /tmp/metadata
{ cat /tmp/head; printf %s "$text" | sed '1s/^<guest/<guest xmlns="urn:guestgate:1"/'; cat /tmp/tail; } >/tmp/status.$$
mv /tmp/status.$$ /run/libvirt/qemu/web.xml
`;
}
