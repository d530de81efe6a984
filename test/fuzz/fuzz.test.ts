import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Labelled } from '../../src/backends/backend.ts';
import { label } from '../../src/backends/names.ts';
import { renderBaseRuleset } from '../../src/backends/nftables/base-ruleset.ts';
import { entriesOf } from '../../src/backends/nftables/entries.ts';
import { asListed } from '../../src/backends/nftables/entry.ts';
import { parseListing } from '../../src/backends/nftables/listing.ts';
import { changeEntries } from '../../src/backends/nftables/transaction.ts';
import { parseDomain } from '../../src/libvirt/domain.ts';
import { parseHostsFile, parseLeases } from '../../src/libvirt/leases.ts';
import { parseNetworkXml } from '../../src/libvirt/network.ts';
import { families } from '../../src/model/address.ts';
import { elementKey, type FamilyElement, familyOfElement } from '../../src/model/element.ts';
import { quoted, UserError } from '../../src/model/problem.ts';
import { ClaimIndex } from '../../src/planner/claim-index.ts';
import { withoutConflicts } from '../../src/planner/conflicts.ts';
import { plan } from '../../src/planner/plan.ts';
import { parseConfiguration } from '../../src/policy/configuration.ts';
import { effectivePolicy } from '../../src/policy/guest-policy.ts';
import { parseMetadata } from '../../src/policy/metadata.ts';
import { lineOf } from '../../src/policy/toml-lines.ts';
import { fixture, seeded } from '../unit/fixtures.ts';
import { Random } from '../unit/planner/random.ts';
import { mutate } from './mutate.ts';

/*
 * Random texts and random lives of guests. FUZZ_SEED says where to begin, FUZZ_SECONDS how long each part lasts; a
 * failure names its seed. Run:
 * npx vitest run --config test/fuzz/vitest.config.ts
 */

const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 2);
const patience = { timeout: seconds * 1000 + 60_000 };

/** Does something with one seed after another until the time is over. */
async function repeat(action: (random: Random) => Promise<void> | void): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let seed = firstSeed; performance.now() < end; seed++) {
    try {
      await action(new Random(seed));
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed}`, { cause: error });
    }
  }
}

const xml = `<domain type='qemu' id='1'><name>web</name><uuid>11111111-2222-3333-4444-555555555555</uuid>
<metadata><gg:guest xmlns:gg="urn:guestgate:1" onError="deny"><gg:portForward proto="udp" address="203.0.113.11" from="10.0.0.0/8">
<gg:range start="60000" end="60010" to="1000"/></gg:portForward>
<gg:portForward proto="tcp+udp" rate="10/second" connections="3" network="dmz"><gg:range start="53"/></gg:portForward>
<gg:open proto="tcp" from="2001:db8::/32" rate="5/minute"><gg:range start="443"/></gg:open><gg:publicAddress address="203.0.113.12"/><gg:allowFrom network="10.0.0.0/8"/></gg:guest></metadata>
<devices><interface type='network'><mac address='52:54:00:aa:bb:01'/><source network='default' bridge='virbr0'/><target dev='vnet0'/>
<ip address='192.168.122.41'/><filterref filter='x'><parameter name='IP' value='1.2.3.4'/></filterref></interface></devices></domain>`;

const toml = `[host]
interface = ["eth0"]
address = "203.0.113.10"
reserved = ["22", 8006, "8000-8010/tcp"]
mark = 0x10000000
[guest.web]
address = "192.168.122.41"
forward = ["80", "8443:443", { host = "203.0.113.1", port = 8443, to = "443", from = ["10.0.0.0/8"] }]
allow_from = ["198.51.100.0/24"]
on_error = "deny"
open = ["443", { port = "22/tcp", from = "2001:db8::/32", connections = 4 }]
snat = ["203.0.113.1", "2001:db8::1"]
loopback = true
mac = "52:54:00:aa:bb:01"
[guest.mail]
public_address = ["203.0.113.12", "2001:db8::12"]
forward = [{ port = "25", protocol = "tcp+udp", rate = "10/second", connections = 3, loopback = true, nic = 2 }, "[::]:53/sctp"]
[network.default]
snat = "203.0.113.5"
[guest."a b".x]
`;

/** The user's mistake, or nothing: everything else is a bug. */
async function tolerating<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** What goes to nft is made of numbers and our own words. */
function expectHarmless(elements: readonly FamilyElement[]): void {
  const { input = '' } = changeEntries(
    [],
    elements.map((element) => ({ element })),
  );
  const limits =
    /^add (set ip6? guestgate count_[\w.]+ \{ type ipv[46]_addr; size \d+; flags dynamic;|limit ip6? guestgate rate_[\w.]+ \{ rate over \d+\/(second|minute|hour) burst \d+ packets;) \}$/gm;
  expect(input.replaceAll(limits, '')).not.toMatch(/undefined|NaN|null|[;$`\\]/);
}

const printable = /^([A-Za-z0-9._-]|%[0-9A-F]{2}){0,100}$/;

test('changed XML: a guest with a policy that can be planned, or a UserError', patience, async () => {
  const sources = [
    xml,
    fixture('libvirt-9.0.0/qemu-tiny-started-begin.xml'),
    fixture('libvirt-9.0.0/files/status-tiny.xml'),
  ];
  const configuration = parseConfiguration([], '/g');
  await repeat(async (random) => {
    const domain = await tolerating(() => parseDomain('qemu', mutate(random.pick(sources), random)));
    if (domain === undefined) return;
    expect(label(domain.guest.name)).toMatch(printable);
    expect(quoted(domain.guest.name)).not.toContain('\n');
    const { policy, problems } = effectivePolicy(domain.guest, parseMetadata(domain.metadata), configuration);
    for (const { where, problem } of problems)
      expect([typeof where, typeof problem]).toEqual(['string', 'string']);
    if (problems.length > 0) return;
    const { elements } = plan(policy, ['192.168.122.2', 'fd00:122::2'], random.host());
    expectHarmless(elements);
  });
});

test('changed XML of networks, leases and host files: something, or a UserError', patience, async () => {
  const network = fixture('libvirt-11.3.0/network-default-port-created-begin.xml');
  const leases = fixture('libvirt-9.0.0/files/virbr0.status');
  const hosts = fixture('libvirt-9.0.0/files/default.hostsfile');
  await repeat(async (random) => {
    await tolerating(() => parseNetworkXml(mutate(network, random), 'x'));
    for (const { mac, address } of parseLeases(mutate(leases, random)))
      expect([typeof mac, typeof address]).toEqual(['string', 'string']);
    for (const { mac, name, address } of parseHostsFile(mutate(hosts, random)))
      expect([typeof (mac ?? name), typeof address]).toEqual(['string', 'string']);
  });
});

test('changed TOML: policies that can be planned, or problems that have a line', patience, async () => {
  await repeat((random) => {
    const text = mutate(toml, random);
    const { guests, problems } = parseConfiguration([{ path: '/g', text }], '/g');
    for (const { path, problem, where } of problems) {
      expect(typeof problem).toBe('string');
      if (path === undefined) expect(where).toMatch(/^\/g:\d+$/);
      else expect(lineOf(text, path)).toBeLessThanOrEqual(text.split('\n').length);
    }
    for (const [name, { policy, problems: wrong }] of guests) {
      expect(label(name)).toMatch(printable);
      if (wrong.length > 0) continue;
      const { elements } = plan(policy, ['192.168.122.2', 'fd00:122::2'], random.host());
      expectHarmless(elements);
    }
  });
});

const canList = process.getuid?.() === 0;

/** Loads scripts into one kernel, one after the other; what it lists at the end, a line an entry, family by family. */
function kernel(scripts: readonly string[]): string[] {
  const separator = '\n#next\n';
  const program = `import json,subprocess,sys
for script in sys.stdin.read().split(${JSON.stringify(separator)}):
    ran = subprocess.run(["nft", "-f", "-"], input=script, text=True, capture_output=True)
    if ran.returncode != 0: sys.exit(ran.stderr + script)
for family in ["ip", "ip6"]:
    print(subprocess.run(["nft", "-j", "list", "table", family, "guestgate"], text=True, capture_output=True, check=True).stdout)`;
  const ran = spawnSync('unshare', ['-n', 'python3', '-c', program], {
    input: scripts.join(separator),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (ran.status !== 0) throw new Error(ran.stderr.slice(0, 3000));
  const texts = ran.stdout.split('\n').filter((line) => line !== '');
  return families.flatMap((family, index) =>
    parseListing(texts[index] ?? '', family).entries.map(
      ({ set, key, value }) => `${family} ${set} ${key} ${value}`,
    ),
  );
}

/** A guest has addresses of its own: of both families, or of one. */
function addressesOf(number: number): string[] {
  const both = [`192.168.122.${2 + number}`, `fd00:122::${2 + number}`];
  return number < 4 ? both : both.slice(number - 4, number - 3);
}

/** As `app` does it: what goes and what comes of one guest, with what all others hold. */
test.skipIf(!canList)(
  'lives of guests: after every transaction the kernel holds what the guests were granted',
  patience,
  async () => {
    await repeat((random) => {
      const held = new Map<string, readonly FamilyElement[]>();
      const scripts = families.map((family) => renderBaseRuleset(0x10000000, family));
      for (let event = 0; event < 30; event++) {
        const name = `guest-${random.below(6)}`;
        const before = held.get(name) ?? [];
        const index = new ClaimIndex();
        for (const [other, elements] of held) if (other !== name) index.add(other, elements);
        const wanted =
          random.below(4) === 0
            ? []
            : plan(random.policy(), addressesOf(Number(name.slice(6))), random.host()).elements;
        const { accepted } = withoutConflicts(wanted, index.near(wanted));
        const keys = new Set(accepted.map(elementKey));
        const surplus = before.filter((element) => !keys.has(elementKey(element)));
        const added: Labelled[] = accepted.map((element) => ({ element, label: name }));
        scripts.push(changeEntries(surplus, added).input ?? '');
        held.set(name, accepted);
      }
      const all = [...held.values()].flat();
      const expected = all.flatMap((element) =>
        entriesOf(element)
          .map(asListed)
          .map(({ set, key, value }) => `${familyOfElement(element)} ${set} ${key} ${value}`),
      );
      expect(kernel(scripts).sort()).toEqual([...new Set(expected)].sort());
    });
  },
);

test('numbers come the same from the same seed', () => {
  const [one, other] = [seeded(9), seeded(9)];
  for (let count = 0; count < 100; count++) expect(one(1000)).toBe(other(1000));
});
