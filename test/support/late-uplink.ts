import type { Lab } from './lab.ts';

/*
 * An uplink that comes and goes while the lab runs, as with PPPoE, WireGuard and DHCP:
 *
 *   client 198.51.100.2 --- eth0 host ppp0 203.0.113.1, .9 --- 203.0.113.2 provider
 */

export const provider = '203.0.113.2';

/** An address of the host that comes with the uplink. */
export const lateAddress = '203.0.113.9';

export class LateUplink {
  private readonly lab: Lab;

  /** Before the lab starts; `prepare` makes the provider. */
  constructor(lab: Lab) {
    this.lab = lab;
  }

  prepare(): void {
    this.ip('netns add provider', '-n provider link set lo up');
    this.lab.serve('provider', 'hello from the provider');
    this.lab.host.sh('mkdir -p /run/systemd/journal; touch /tmp/journal');
    const log = ['-u', 'UNIX-RECV:/run/systemd/journal/socket', 'OPEN:/tmp/journal,append'];
    this.lab.host.start('socat', log);
    this.lab.host.sh('while [ ! -S /run/systemd/journal/socket ]; do sleep 0.05; done');
  }

  comes(name = 'ppp0'): void {
    this.ip(
      `link add ${name} type veth peer name eth0 netns provider`,
      `addr add 203.0.113.1/24 dev ${name}`,
      `addr add ${lateAddress}/32 dev ${name}`,
      `link set ${name} up`,
      '-n provider link set eth0 up',
      `-n provider addr add ${provider}/24 dev eth0`,
      '-n provider route add default via 203.0.113.1',
    );
  }

  goes(): void {
    this.ip('link del ppp0 2>/dev/null || true', 'link del ppp1 2>/dev/null || true');
  }

  /** The address that the provider sees of a guest. */
  seen(guest = 'guest1'): string | undefined {
    return /you are (\S+)/.exec(this.lab.fetch(guest, provider, 80))?.[1];
  }

  /** `ppp0 as 203.0.113.9`, as `status` has it, for each rule. */
  leaves(): string[] {
    return this.lab.guestgate('status').stdout.match(/(?<=leaves )\S+ as \S+/g) ?? [];
  }

  /** The lines of the system's log. */
  journal(): string[] {
    return this.lab.host.read('/tmp/journal').match(/(?<=^MESSAGE=).*/gm) ?? [];
  }

  ip(...lines: readonly string[]): void {
    this.lab.host.sh(lines.map((line) => `ip ${line}`).join('\n'));
  }
}
