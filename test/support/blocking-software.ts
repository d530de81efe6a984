import type { Lab } from './lab.ts';
import { unpackedPackages } from './unpacked-packages.ts';
import { until } from './until.ts';

/** Programs that block addresses, in a lab: unpacked, not installed. */
export class BlockingSoftware {
  private readonly lab: Lab;

  constructor(lab: Lab) {
    this.lab = lab;
    lab.host.addPackages(
      unpackedPackages({ name: 'blocking-software', packages: ['fail2ban', 'shorewall', 'ufw', 'ipset'] }),
    );
  }

  /** fail2ban with a jail "web" that has no filter of its own: bans come from its client. */
  async startFail2ban(): Promise<void> {
    const { host } = this.lab;
    host.write('/var/log/web.log', '');
    host.write('/etc/fail2ban/filter.d/web.conf', '[Definition]\nfailregex = ^failed <HOST>$\n');
    host.write('/etc/fail2ban/jail.d/defaults-debian.conf', '');
    host.write(
      '/etc/fail2ban/jail.local',
      `[web]
enabled = true
filter = web
backend = polling
logpath = /var/log/web.log
action = iptables[type=allports, name=web, chain=FORWARD]
`,
    );
    host.sh('mkdir -p /run/fail2ban /var/lib/fail2ban');
    host.start('sh', ['-c', 'exec fail2ban-server -xf start >/tmp/fail2ban.log 2>&1']);
    await until('fail2ban runs', () => this.succeeds('fail2ban-client status web'));
  }

  /** The chain comes with the first ban. */
  ban(address: string): void {
    this.lab.host.run('fail2ban-client', ['set', 'web', 'banip', address]);
  }

  unban(address: string): void {
    this.lab.host.run('fail2ban-client', ['set', 'web', 'unbanip', address]);
  }

  /** Shorewall with two zones; guests' networks are its "loc". */
  configureShorewall(): void {
    const files = {
      zones: 'fw firewall\nnet ipv4\nloc ipv4\n',
      interfaces: '?FORMAT 2\nnet eth0\nloc virbr0 routeback\n',
      policy: 'fw all ACCEPT\nloc net ACCEPT\nall all REJECT\n',
      rules: '',
    };
    for (const [name, text] of Object.entries(files)) this.lab.host.write(`/etc/shorewall/${name}`, text);
    this.lab.host.sh(`
      sed -i 's/^STARTUP_ENABLED=.*/STARTUP_ENABLED=Yes/; s/^IP_FORWARDING=.*/IP_FORWARDING=On/' /etc/shorewall/shorewall.conf
      mkdir -p /var/lib/shorewall
    `);
  }

  shorewall(...args: readonly string[]): string {
    return this.lab.host.run('shorewall', args).stdout;
  }

  private succeeds(script: string): boolean {
    return this.lab.host.run('sh', ['-c', script], { mayFail: true }).status === 0;
  }
}
