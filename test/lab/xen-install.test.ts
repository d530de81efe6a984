import { expect } from 'vitest';
import type { XenLab } from '../support/xen-lab.ts';
import { ownXenTest } from '../support/xen-test.ts';

/* How Xen's scripts come to call guestgate, and how they are what they were again. */

const scripts = '/etc/xen/scripts';
const stock = `${scripts}/vif-common.sh.guestgate-stock`;

const test = ownXenTest({ install: false });

/** Every file of Xen's: its content, mode, owner and time. */
function files(xen: XenLab): string {
  return xen.host.sh(
    `cd ${scripts}; find . -printf '%p %y %m %u %g %s %T@\\n' | grep -v '^\\. ' | sort; find . -type f | sort | xargs sha256sum`,
  );
}

test("uninstall leaves Xen's files as they were, byte by byte, and the ruleset", ({ xen }) => {
  xen.host.sh('iptables -P FORWARD DROP; ip6tables -P FORWARD DROP');
  const before = { files: files(xen), rules: xen.lab.ruleset() };
  xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
  expect(xen.install().stdout).toContain(`installed script ${scripts}/vif-common.sh; Xen's own is now`);
  expect(xen.host.sh('dpkg-divert --list /etc/xen/scripts/vif-common.sh')).toContain(stock);
  expect(xen.lab.guestgate('install').stdout).toContain('everything was installed already');
  xen.start('web', [{ ip: '10.99.0.2 fd00:99::2' }, { ip: '10.99.8.2', script: 'vif-route' }]);
  expect(xen.lab.ruleset()).toContain('vif1.1');
  expect(xen.lab.guestgate('uninstall').status).toBe(0);
  expect(files(xen)).toBe(before.files);
  expect(xen.lab.ruleset()).toBe(before.rules);
  expect(xen.host.sh('dpkg-divert --list /etc/xen/scripts/vif-common.sh')).toBe('');
});

test('guests that run already get their rules immediately', ({ xen }) => {
  const web = xen.start('web', [{ ip: '10.99.0.2' }]);
  expect(xen.install().status).toBe(0);
  expect(xen.host.sh('nft list set bridge guestgate sources')).toContain(`"vif${web.id}.0" . 10.99.0.2`);
});

test('an upgrade of Xen that puts its own file back is reported, and repaired', ({ xen }) => {
  xen.install();
  xen.host.sh(`cp ${stock} ${scripts}/vif-common.sh; echo '# newer' >>${scripts}/vif-common.sh`);
  expect(xen.lab.guestgate('check').stdout).toContain(
    `${scripts}/vif-common.sh: another program replaced guestgate's file: Xen does not call guestgate (guestgate install)`,
  );
  expect(xen.install().status).toBe(0);
  expect(xen.lab.guestgate('check').stdout).toContain('agree');
  expect(xen.lab.guestgate('uninstall').status).toBe(0);
  // The newer one is Xen's now.
  expect(xen.host.read(`${scripts}/vif-common.sh`)).toContain('# newer');
});

test('a changed vif-common.sh of ours stays, with the stock file beside it', ({ xen }) => {
  xen.install();
  xen.host.sh(`echo '# mine' >>${scripts}/vif-common.sh`);
  expect(xen.lab.guestgate('uninstall').stdout).toContain(`kept ${scripts}/vif-common.sh`);
  expect(xen.host.read(stock)).not.toContain('guestgate');
});

test("as a hook: Xen's own files stay, and its vif-bridge calls us at its end", ({ xen }) => {
  const before = files(xen);
  xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
  expect(xen.install(['--xen', 'hook']).stdout).toContain('vif-openvswitch calls no hooks');
  expect(xen.host.read(`${scripts}/vif-common.sh`)).not.toContain('guestgate');
  const web = xen.start('web', [{ ip: '10.99.0.2' }]);
  expect(xen.status(web)).toBe('connected');
  expect(xen.openGuests()[0]?.elements).toHaveLength(2);
  expect(xen.lab.guestgate('check').stdout).toContain('agree');
  // A script of our own, which calls hooks as Xen's do, is called once.
  const own = xen.start('own', [{ ip: '10.99.0.3', script: 'vif-guestgate' }]);
  expect(xen.log().match(/guest "own" .* online/g)).toHaveLength(1);
  // A policy that says deny is heard here, too.
  xen.lab.configure(
    '[guest.no]\nforward = ["8080:80"]\non_error = "deny"\n[guest.web]\nforward = ["8080:80"]\n',
  );
  const no = xen.define('no', [{ ip: '10.99.0.4' }]);
  expect(xen.script(no, 0, 'online').status).toBe(1);
  for (const domain of [no, web, own]) xen.end(domain);
  expect(xen.openGuests()).toEqual([]);
  xen.lab.guestgate('uninstall');
  expect(files(xen)).toBe(before);
});

test('or not at all, which the doctor tells', ({ xen }) => {
  const before = files(xen);
  expect(xen.install(['--xen', 'no']).status).toBe(0);
  expect(files(xen)).toBe(before);
  expect(xen.lab.guestgate('doctor').stdout).toContain('Xen: its vif scripts do not call guestgate');
  xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n[guest.shop]\nforward = ["8081:80"]\n');
  xen.start('web', [{ ip: '10.99.0.2' }]);
  expect(xen.openGuests()).toEqual([]);
  const { stdout } = xen.lab.guestgate('doctor');
  expect(stdout).toContain('nor does Xen run one (they know "web")');
  expect(stdout).toContain('guest "shop": the configuration has a policy for it');
  expect(stdout).not.toContain('guest "web": the configuration has a policy for it');
});

test('script=vif-guestgate is for single interfaces: others of the guest are left to their own script', ({
  xen,
}) => {
  xen.install(['--xen', 'hook']);
  xen.host.sh(`rm ${scripts}/vif-post.d/50-guestgate.hook`);
  const web = xen.start('web', [{ ip: '10.99.0.2', script: 'vif-guestgate' }, { ip: '10.99.0.3' }]);
  const ports = () => xen.openGuests().flatMap(({ elements }) => elements.map(({ element }) => element.port));
  expect(ports()).toEqual([`vif${web.id}.0`]);
  expect(xen.lab.guestgate('replay').status).toBe(0);
  expect(ports()).toEqual([`vif${web.id}.0`]);
});

test("a host with Xen and without libvirt gets no hooks of libvirt's", ({ xen }) => {
  xen.host.sh('rm -rf /etc/libvirt; iptables -P FORWARD DROP');
  expect(xen.install().stdout).toContain('libvirt is not installed');
  expect(xen.host.run('test', ['-e', '/etc/libvirt'], { mayFail: true }).status).toBe(1);
  xen.start('web', [{ ip: '10.99.0.2' }]);
  expect(xen.openGuests()).toHaveLength(1);
  expect(xen.lab.guestgate('check').stdout).toContain('agree');
  expect(xen.lab.guestgate('uninstall').status).toBe(0);
});
