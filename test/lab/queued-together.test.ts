import { beforeEach, expect } from 'vitest';
import { labTest } from '../support/lab-test.ts';
import { networkHookXml } from '../support/lab-xml.ts';
import { until } from '../support/until.ts';

/* Several requests for one guest wait for the lock: none of them takes another with it. */

const { test, lab, web } = labTest({ guests: ['web'] });
const macs = ['52:54:00:00:0a:01', '52:54:00:00:0a:02'];
const agreement = /^Configuration, running guests and kernel agree\.\n/;

beforeEach(() => {
  lab.host.write(
    '/var/lib/libvirt/dnsmasq/default.hostsfile',
    `${web.mac},${web.address}\n${macs[0]},192.168.122.201\n${macs[1]},192.168.122.202\n`,
  );
  lab.configure(`[guest.web]
forward = ["8080:80", { port = "8081", to = "81", mac = "${macs[0]}" }, { port = "8082", to = "82", mac = "${macs[1]}" }]
`);
  lab.hook(web, 'started');
});

const openPorts = () =>
  [...new Set([...lab.ruleset().matchAll(/tcp \. (80\d\d)/g)].map(([, port]) => Number(port)))].sort();
const requests = () =>
  lab.host
    .sh('mkdir -p /run/guestgate/requests; ls /run/guestgate/requests')
    .split('\n')
    .filter((name) => name.endsWith('.request'));
const attach = (mac: string | undefined) =>
  lab.networkHookAside('port-created', networkHookXml({ guest: web, ...(mac !== undefined && { mac }) }));

/** Others hold the lock while something is done. */
async function whileHeld(action: () => Promise<void>): Promise<void> {
  const files = ['lock', 'retry'].map((name) => `/run/guestgate/${name}`);
  const holders = files.map((file) => lab.host.start('flock', [file, 'sleep', '1000']));
  lab.host.sh(`for f in ${files.join(' ')}; do until ! flock -n $f true; do sleep 0.02; done; done`);
  try {
    await action();
  } finally {
    lab.host.sh(`fuser -k ${files.join(' ')} >/dev/null 2>&1 || true`);
    for (const holder of holders) holder.kill();
  }
}

test('two interfaces are attached while the lock is held: the guest has both', async () => {
  expect(openPorts()).toEqual([8080]);
  const attached: Promise<unknown>[] = [];
  await whileHeld(async () => {
    for (const [index, mac] of macs.entries()) {
      attached.push(attach(mac));
      await until(`interface ${index + 1} waits`, () => requests().length === index + 1);
    }
  });
  await Promise.all(attached);
  lab.networkHook('updated'); // if both gave up: the next event does what waits
  expect(openPorts()).toEqual([8080, 8081, 8082]);
  lab.end(web);
  expect(lab.guestgate('check').stdout).toMatch(agreement);
});

test('an interface of the run before waits behind a start: the guest is open', async () => {
  let waiting: Promise<unknown> = Promise.resolve();
  await whileHeld(async () => {
    waiting = attach(macs[0]);
    await until('the interface waits', () => requests().length === 1);
    lab.host.sh('mv /run/guestgate/requests/*.request /tmp/outdated');
  });
  await waiting;
  for (const operation of ['stopped', 'release', 'prepare', 'start'] as const) lab.hook(web, operation);
  expect(openPorts()).toEqual([]);
  await whileHeld(async () => {
    waiting = lab.hookAside(web, 'started');
    await until('the start waits', () => requests().length === 1);
    lab.host.sh('cp /tmp/outdated /run/guestgate/requests/0000009999-0-0.qemu-web.request');
  });
  await waiting;
  lab.networkHook('updated');
  expect(openPorts()).toContain(8080);
  expect(requests()).toEqual([]);
  lab.end(web);
  expect(lab.guestgate('check').stdout).toMatch(agreement);
});
