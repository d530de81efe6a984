// The main job, shown: client, host and guest in namespaces of their own, the built program as libvirt's hook.
import { Lab, publicAddress } from '../support/lab.ts';
import { readRepository } from '../support/repository.ts';

const bold = (text: string) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
const say = (text = '') => process.stdout.write(`${text}\n`);
const step = (text: string) => say(`\n${bold(text)}`);

const lab = await Lab.create();
let shown = true;
try {
  const web = lab.addGuest('web');
  lab.host.run('iptables-nft-restore', [], { input: readRepository('test/lab/rules/libvirt-iptables.txt') });
  const toml = `[guest.web]\naddress = "${web.address}"\nforward = ["8443:443", "8080:80"]\n`;
  lab.configure(toml);
  const fetch = (port: number) => lab.fetch('client', publicAddress, port);
  const show = (what: string, answer: string, right: boolean) => {
    shown &&= right;
    say(`  ${right ? 'ok' : 'NOT AS IT SHOULD BE'}: ${what}: ${answer}`);
  };

  say(
    bold(
      `A host with one public address, ${publicAddress}; behind libvirt's NAT and its REJECT: guest web, ${web.address}`,
    ),
  );
  say('/etc/guestgate/guestgate.toml:');
  say(toml.replaceAll(/^/gm, '  ').trimEnd());

  step('Before the guest starts, a client asks for port 8443 of the host');
  const before = fetch(8443);
  show('refused', before.split(':').at(-1)?.trim() ?? '', before.includes('refused'));

  step('libvirt starts the guest and calls /etc/libvirt/hooks/qemu web started begin -');
  const started = lab.hook(web, 'started');
  say(`  ${started.stderr.trim()}`);

  step('The client asks again');
  const page = fetch(8443);
  show(`page from ${publicAddress}:8443`, page, page.includes(`you are 198.51.100.2`));
  const host = lab.fetch('host', publicAddress, 8080);
  show('page on the host itself', host, host.includes('hello'));

  step("The rules: ours, and the accept that stands ahead of libvirt's REJECT");
  const ours = lab.host.sh(
    'nft list map ip guestgate forward_any; iptables -S FORWARD; iptables -S GUESTGATE-FORWARD; iptables -S LIBVIRT_FWI | grep REJECT',
  );
  say(
    ours
      .split('\n')
      .filter((line) => /tcp|^-A|[0-9] :/.test(line))
      .map((line) => `  ${line.trim()}`)
      .join('\n'),
  );

  step('libvirt stops the guest');
  say(`  ${lab.hook(web, 'stopped').stderr.trim()}`);
  lab.hook(web, 'release');
  const after = fetch(8443);
  show('refused', after.split(':').at(-1)?.trim() ?? '', after.includes('refused'));

  step('A network namespace is a guest, too');
  const run = (...args: readonly string[]) => {
    say(`  # guestgate ${args.join(' ')}`);
    const { stdout, stderr } = lab.guestgate(...args);
    say(`${stdout}${stderr}`.trim().replaceAll(/^/gm, '  '));
  };
  lab.host.sh('iptables -P FORWARD DROP');
  run('netns', 'add', 'site', '--address', '10.200.1.2/24');
  run('publish', 'site', '8088:80');
  lab.serve('site', 'hello from site');
  const site = fetch(8088);
  show(`page from ${publicAddress}:8088`, site, site.includes('hello from site'));
  lab.serve('client', 'hello from outside');
  const outside = lab.fetch('site', '198.51.100.2', 80);
  show('its own connection, with the address of the host', outside, outside.includes(publicAddress));

  step('The namespace is confined: it answers, and opens nothing');
  const confined = '[guest.site]\naccess = "inbound"\nforward = ["8088:80"]\n';
  lab.host.write('/etc/guestgate/guests.d/site.toml', confined);
  say(`${confined.trim()}`.replaceAll(/^/gm, '  '));
  run('apply', 'site');
  const answered = fetch(8088);
  show(`page from ${publicAddress}:8088`, answered, answered.includes('hello from site'));
  lab.serve('host', 'hello from the host');
  for (const [what, address] of [
    ['its own connection to the outside', '198.51.100.2'],
    ['and to the host', '10.200.1.1'],
  ] as const) {
    const reached = lab.fetch('site', address, 80);
    show(what, reached.includes('hello') ? reached : 'dropped', !reached.includes('hello'));
  }

  run('netns', 'del', 'site');
  const gone = lab.host.sh('ip -o link; ip netns list; ip route');
  show('no link, namespace or route is left', '', !/gn-site|site|10\.200\.1/.test(gone));
  say();
} finally {
  await lab.destroy();
}
process.exitCode = shown ? 0 : 1;
