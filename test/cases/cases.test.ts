import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Backend, GuestPart, Labelled } from '../../src/backends/backend.ts';
import { inspection } from '../../src/backends/iptables/inspection.ts';
import { save } from '../../src/backends/iptables/programs.ts';
import { iptables } from '../../src/backends/iptables/transaction.ts';
import { label } from '../../src/backends/names.ts';
import { renderBaseRuleset } from '../../src/backends/nftables/base-ruleset.ts';
import { entriesOf } from '../../src/backends/nftables/entries.ts';
import { asListed } from '../../src/backends/nftables/entry.ts';
import { parseListing } from '../../src/backends/nftables/listing.ts';
import { rebuildEntries } from '../../src/backends/nftables/rebuild.ts';
import { labelledNetwork } from '../../src/backends/nftables/render-elements.ts';
import { changeEntries } from '../../src/backends/nftables/transaction.ts';
import { nextRun } from '../../src/desired/guest-run.ts';
import { networkElements } from '../../src/desired/network-elements.ts';
import { chosen } from '../../src/libvirt/chosen-interface.ts';
import { parseDomain } from '../../src/libvirt/domain.ts';
import { findAddress } from '../../src/libvirt/find-address.ts';
import { type LibvirtNetwork, parseNetworkXml } from '../../src/libvirt/network.ts';
import { families, familyOf } from '../../src/model/address.ts';
import type { KernelCommand } from '../../src/model/command.ts';
import { familiesOf, familyOfElement } from '../../src/model/element.ts';
import { describeFault } from '../../src/model/finding.ts';
import { recordName } from '../../src/model/guest.ts';
import type { InterfaceChoice } from '../../src/model/interface-choice.ts';
import type { NetworkElement } from '../../src/model/network-element.ts';
import { ClaimIndex } from '../../src/planner/claim-index.ts';
import { withoutConflicts } from '../../src/planner/conflicts.ts';
import type { HostView } from '../../src/planner/host-view.ts';
import { plan } from '../../src/planner/plan.ts';
import { type OwnSide, planAbsent } from '../../src/planner/plan-absent.ts';
import { planNetwork } from '../../src/planner/plan-network.ts';
import { parseConfiguration } from '../../src/policy/configuration.ts';
import { effectivePolicy } from '../../src/policy/guest-policy.ts';
import { parseMetadata } from '../../src/policy/metadata.ts';
import { rootTest } from '../support/root-test.ts';
import { fixture } from '../unit/fixtures.ts';

/*
 * A case is a folder: a configuration, the XML of the guests that start, in the order of their names, the transaction
 * that follows, and the ruleset as the kernel lists it after that, of each back end: `.nft`, `.iptables` (both variants
 * make the same). UPDATE_GOLDEN=1 writes the last four.
 *
 * The host of the cases has its public addresses on eth0, and libvirt's network "default", unless a case brings its own.
 */

const root = new URL('./', import.meta.url);
const cases = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const read = (name: string, file: string) => readFileSync(new URL(`${name}/${file}`, root), 'utf8');

/** A case may have networks of its own. */
async function networksOf(name: string): Promise<LibvirtNetwork[]> {
  const own = readdirSync(new URL(name, root))
    .filter((file) => file.startsWith('network'))
    .sort();
  const texts = own.map((file) => read(name, file));
  const all = texts.length > 0 ? texts : [fixture('libvirt-9.0.0/files/network-default.xml')];
  const parsed = await Promise.all(all.map((text) => parseNetworkXml(text, 'the network')));
  return parsed.map(({ network }) => network);
}

interface Started {
  readonly guests: readonly GuestPart[];
  readonly networks: readonly NetworkElement[];
  /** What could not be done, as the first lines of the transaction. */
  readonly problems: readonly string[];
}

async function start(name: string): Promise<Started> {
  const path = 'guestgate.toml';
  const configuration = parseConfiguration([{ path, text: read(name, path) }], path);
  expect(configuration.problems).toEqual([]);
  const networks = await networksOf(name);
  const index = new ClaimIndex();
  const problems: string[] = [];
  const { addresses = 'any' } = configuration.host;
  const view: HostView = { addresses, interfacesOf: () => ['eth0'], addressesOn: () => [] };
  const ofNetworks = networks.flatMap((network): NetworkElement[] => {
    const policy = configuration.networks.get(network.name)?.policy ?? {};
    const prefixes = network.gateways.map((gateway) => gateway.network);
    const nat = planNetwork(policy, { prefixes }, view);
    problems.push(...nat.problems.map(describeFault));
    return networkElements(network, nat.elements);
  });
  const absent = planAbsent(configuration.absent ?? [], caseHost);
  const guests: GuestPart[] = [];
  for (const file of readdirSync(new URL(name, root))
    .filter((one) => one.endsWith('.xml') && !one.startsWith('network'))
    .sort()) {
    const { guest, metadata } = await parseDomain('qemu', read(name, file));
    const { policy, problems: wrong } = effectivePolicy(guest, parseMetadata(metadata), configuration);
    expect(wrong).toEqual([]);
    const surroundings = guest.nics.map((nic) => {
      const network = networks.find((one) => one.name === nic.network) as LibvirtNetwork;
      return { nic, network, networkFiles: ['default.xml'] };
    });
    const find = (choice: InterfaceChoice | undefined, given: readonly string[] = []) =>
      families.flatMap((family) => {
        const own = given.find((address) => familyOf(address) === family);
        return findAddress(guest, own, chosen(choice, surroundings), family, nextRun()).address ?? [];
      });
    const planned = plan(policy, find(policy.interfaceChoice, policy.addresses), view, {
      on: (choice) => find(choice),
      others: [],
      has: () => true,
    });
    const { accepted, refused } = withoutConflicts(planned.elements, index.near(planned.elements));
    index.add(guest.name, accepted);
    guests.push({ id: recordName(guest), label: label(guest.name), elements: accepted });
    problems.push(
      ...planned.problems.map(describeFault),
      ...refused.map(({ claim, holder }) => `${guest.name}: ${JSON.stringify(claim)} is held by ${holder}`),
    );
  }
  return { guests, networks: [...ofNetworks, ...absent.elements], problems };
}

/** What it leaves with is no guest's public address. */
const caseHost: OwnSide = {
  families,
  sourceOf: (family) => (family === 'ip' ? '203.0.113.1' : '2001:db8::1'),
  dropped: [],
  addressesOutside: () => [],
  besides: () => [],
};

/** What a guest's elements are labelled with, and of a network's those that are for an absent guest. */
function labelled({ guests, networks }: Started): Labelled[] {
  return [
    ...networks.map(labelledNetwork),
    ...guests.flatMap(({ label, elements }) => elements.map((element) => ({ element, label }))),
  ];
}

/** Loads a script into a network namespace of its own and lists our table there. */
function kernel(script: string, list: string): string {
  const command = `nft -f - && ${list}`;
  const { status, stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', command], {
    input: script,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

function expectGolden(name: string, file: string, text: string): void {
  const path = new URL(`${name}/${file}`, root);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
  expect(existsSync(path), `${name}/${file} is missing: UPDATE_GOLDEN=1 writes it`).toBe(true);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

test.each(cases)('%s: the transaction', async (name) => {
  const started = await start(name);
  const comments = started.problems.map((problem) => `# ${problem}\n`).join('');
  expectGolden(name, 'transaction.nft', `${comments}${changeEntries([], labelled(started)).input}`);
});

rootTest.each(cases)('%s: what the kernel makes of it', async (name) => {
  const elements = labelled(await start(name));
  const used = familiesOf(elements.map(({ element }) => element));
  const list = used.map((family) => `nft -s list table ${family} guestgate`).join(' && ');
  const baseRuleset = used.map((family) => renderBaseRuleset(0x10000000, family)).join('');
  const script = `${baseRuleset}${changeEntries([], elements).input}`;
  expectGolden(name, 'ruleset.nft', kernel(script, list));

  // `check` finds in the kernel just what was put there.
  for (const family of used) {
    const text = kernel(script, `nft -j list table ${family} guestgate`);
    const listed = parseListing(text, family).entries.map(({ set, key, value }) => `${set} ${key} ${value}`);
    const expected = elements
      .flatMap(({ element }) => (familyOfElement(element) === family ? entriesOf(element) : []))
      .map(asListed)
      .map(({ set, key, value }) => `${set} ${key} ${value}`);
    expect(new Set(listed)).toEqual(new Set(expected));
  }

  // Removing all of it leaves the skeleton alone; building it in one go gives the same.
  const plain = elements.map(({ element }) => element);
  expect(kernel(`${script}${changeEntries(plain, []).input}`, list)).toBe(kernel(baseRuleset, list));
  const rebuilt = kernel(`${script}${rebuildEntries(elements, 0x10000000).input}`, list);
  expect(rebuilt).toBe(read(name, 'ruleset.nft'));
});

const variants = ['nft', 'legacy'] as const;

test.each(cases)('%s: the same with iptables', async (name) => {
  const { guests, networks, problems } = await start(name);
  const comments = problems.map((problem) => `# ${problem}\n`).join('');
  const steps = opening(iptables('nft'), guests, networks).filter(({ args }) => !args.includes('--test'));
  const text = steps.map(({ program, input }) => `# ${program.replace('-nft', '')}\n${input}`).join('');
  expectGolden(name, 'transaction.iptables', comments + text);
});

rootTest.each(cases.flatMap((name) => variants.map((variant) => [name, variant] as const)))(
  '%s: what the kernel makes of it with iptables (%s)',
  async (name, variant) => {
    const backend = iptables(variant);
    const { guests, networks } = await start(name);
    const elements = [...networks, ...guests.flatMap((guest) => guest.elements)];
    const used = familiesOf(elements);
    const empty = await backend.rebuild({ guests: [], networks: [], mark }, used, families, new Map());
    const list = used.map((family) => save(variant, family));
    const { list: counted, differences } = inspection(variant);
    const whole = { guests, networks, mark };
    const [before = '', open = '', listing = '', after = ''] = runAll([
      [...empty, ...list],
      [...opening(backend, guests, networks), ...list],
      used.map(counted),
      [...closing(backend, guests, networks), ...list],
    ]);
    expectGolden(name, 'ruleset.iptables', ours(open));
    // Closing it leaves the skeleton alone.
    expect(ours(after)).toBe(ours(before));

    // All of it at once gives the same; `check` finds in the kernel just what was put there.
    const rebuilt = await backend.rebuild(whole, used, families, new Map());
    const [anew = ''] = runAll([[...rebuilt, ...list]]);
    expect(ours(anew)).toBe(read(name, 'ruleset.iptables'));
    for (const family of used)
      expect(differences(whole, family, ofFamily(listing, family), ofFamily(anew, family))).toEqual([]);
  },
);

rootTest.each(variants)(
  'what is not there cannot be closed, and the back end knows why (%s)',
  async (variant) => {
    const backend = iptables(variant);
    const { guests } = await start('one-forward');
    const empty = await backend.rebuild({ guests: [], networks: [], mark }, ['ip'], families, new Map());
    let refused = '';
    try {
      runAll([[...empty, ...closing(backend, guests, [])]]);
    } catch (error) {
      refused = String(error);
    }
    expect(backend.contradicts(refused)).toBe(true);
  },
);

const mark = 0x10000000;

function opening(backend: Backend, guests: readonly GuestPart[], networks: readonly NetworkElement[]) {
  const changes = guests.map((guest) => ({ ...guest, before: [], after: guest.elements }));
  return backend.change(changes, { before: [], after: networks }, mark);
}

function closing(backend: Backend, guests: readonly GuestPart[], networks: readonly NetworkElement[]) {
  const changes = guests.map((guest) => ({ ...guest, before: guest.elements, after: [] }));
  return backend.change(changes, { before: networks, after: [] }, mark);
}

/**
 * Runs commands in one network namespace of their own, up to the first that fails.
 *
 * @returns what each group of them printed, with a line before each listing that names its program
 */
function runAll(groups: readonly (readonly KernelCommand[])[]): string[] {
  const script = groups
    .map((commands) =>
      commands
        .filter(({ args }) => !args.includes('--test'))
        .map(({ program, args, input = '' }) =>
          [`echo '@${program}'`, `${program} ${args.join(' ')} <<'INPUT'`, `${input}INPUT\n`].join('\n'),
        )
        .join(''),
    )
    .join("echo '%%'\n");
  const { status, stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-e'], {
    input: script,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('%%\n');
}

/** Of several listings that of one family. */
function ofFamily(printed: string, family: 'ip' | 'ip6'): string {
  const program = family === 'ip' ? 'iptables-' : 'ip6tables-';
  return printed.split(/^@/m).find((text) => text.startsWith(program) && /^\S+-save\n/.test(text)) ?? '';
}

/** Our chains, table by table and chain by chain: the variants list them in different orders. */
function ours(saved: string): string {
  return saved
    .split(/^(?=[@*#])/m)
    .map((text) => text.split('\n'))
    .map(([table = '', ...lines]) => {
      const chains = lines.filter((line) => line.startsWith(':GUESTGATE')).sort();
      const rules = chains.flatMap((chain) =>
        lines.filter((line) => line.startsWith(`-A ${chain.slice(1).split(' ')[0]} `)),
      );
      return [table, ...chains, ...rules, ''].join('\n');
    })
    .filter((text) => text.includes('GUESTGATE'))
    .sort()
    .join('');
}
