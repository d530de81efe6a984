import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { networkElements } from '../../src/app/network-elements.ts';
import type { Labelled } from '../../src/backends/backend.ts';
import { label } from '../../src/backends/names.ts';
import { asListed, entriesOf } from '../../src/backends/nftables/entries.ts';
import { parseListing } from '../../src/backends/nftables/listing.ts';
import { renderSkeleton } from '../../src/backends/nftables/skeleton.ts';
import { changeEntries, rebuildEntries } from '../../src/backends/nftables/transaction.ts';
import { findAddress } from '../../src/events/addresses.ts';
import { chosen } from '../../src/events/cards.ts';
import { parseDomain } from '../../src/events/domain.ts';
import { type LibvirtNetwork, parseNetworkXml } from '../../src/events/network.ts';
import { families, familyOf } from '../../src/model/address.ts';
import type { Card } from '../../src/model/card.ts';
import { familiesOf, familyOfElement } from '../../src/model/element.ts';
import { ClaimIndex } from '../../src/planner/claim-index.ts';
import { withoutConflicts } from '../../src/planner/conflicts.ts';
import { type HostView, plan } from '../../src/planner/plan.ts';
import { planNetwork } from '../../src/planner/plan-network.ts';
import { parseConfiguration } from '../../src/policy/configuration.ts';
import { effectivePolicy } from '../../src/policy/guest-policy.ts';
import { parseMetadata } from '../../src/policy/metadata.ts';
import { fixture } from '../unit/fixtures.ts';

/*
 * A case is a folder: a configuration, the XML of the guests that start, in the order of their names, the transaction
 * that follows, and the ruleset as the kernel lists it after that. UPDATE_GOLDEN=1 writes the last two.
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
  readonly elements: readonly Labelled[];
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
  const view: HostView = { addresses, interfacesOf: () => ['eth0'] };
  const elements = networks.flatMap((network): Labelled[] => {
    const policy = configuration.networks.get(network.name)?.policy ?? {};
    const prefixes = network.gateways.map((gateway) => gateway.network);
    const nat = planNetwork(policy, prefixes, view);
    problems.push(...nat.problems);
    return networkElements(network, nat.elements).map((element) => ({ element }));
  });
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
    const find = (card: Card | undefined, given: readonly string[] = []) =>
      families.flatMap((family) => {
        const own = given.find((address) => familyOf(address) === family);
        return findAddress(guest, own, chosen(card, surroundings), family, 0).address ?? [];
      });
    const planned = plan(policy, find(policy.card, policy.addresses), view, (card) => find(card));
    const { granted, refused } = withoutConflicts(planned.elements, index.near(planned.elements));
    index.add(guest.name, granted);
    elements.push(...granted.map((element) => ({ element, label: label(guest.name) })));
    problems.push(
      ...planned.problems,
      ...refused.map(({ claim, holder }) => `${guest.name}: ${JSON.stringify(claim)} is held by ${holder}`),
    );
  }
  return { elements, problems };
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
  const { elements, problems } = await start(name);
  const comments = problems.map((problem) => `# ${problem}\n`).join('');
  expectGolden(name, 'transaction.nft', `${comments}${changeEntries([], elements).input}`);
});

const isRoot = process.getuid?.() === 0;
if (!isRoot && process.env['CI'] !== 'true')
  console.warn('cases: what the kernel makes of them needs root: left out');

test.skipIf(!isRoot && process.env['CI'] !== 'true').each(cases)(
  '%s: what the kernel makes of it',
  async (name) => {
    const { elements } = await start(name);
    const used = familiesOf(elements.map(({ element }) => element));
    const list = used.map((family) => `nft -s list table ${family} guestgate`).join(' && ');
    const skeleton = used.map((family) => renderSkeleton(0x10000000, family)).join('');
    const script = `${skeleton}${changeEntries([], elements).input}`;
    expectGolden(name, 'ruleset.nft', kernel(script, list));

    // `check` finds in the kernel just what was put there.
    for (const family of used) {
      const text = kernel(script, `nft -j list table ${family} guestgate`);
      const listed = parseListing(text).entries.map(({ set, key, value }) => `${set} ${key} ${value}`);
      const expected = elements
        .flatMap(({ element }) => (familyOfElement(element) === family ? entriesOf(element) : []))
        .map(asListed)
        .map(({ set, key, value }) => `${set} ${key} ${value}`);
      expect(new Set(listed)).toEqual(new Set(expected));
    }

    // Removing all of it leaves the skeleton alone; building it in one go gives the same.
    const plain = elements.map(({ element }) => element);
    expect(kernel(`${script}${changeEntries(plain, []).input}`, list)).toBe(kernel(skeleton, list));
    const rebuilt = kernel(`${script}${rebuildEntries(elements, 0x10000000).input}`, list);
    expect(rebuilt).toBe(read(name, 'ruleset.nft'));
  },
);
