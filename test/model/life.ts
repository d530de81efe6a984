import { Lab } from '../support/lab.ts';
import { type Claim, claimsOf } from './claims.ts';
import { compareConfinement, expectedConfinement, readConfinement } from './confinement.ts';
import type { Life, Stretch } from './event.ts';
import { compareKernels, expectedKernel, grantedClaims } from './expected.ts';
import type { ModelBackend } from './host.ts';
import { judgeClaims, nameOf } from './judge.ts';
import { type Kernel, untouched } from './packet.ts';
import { plainAddress, pointsFor } from './points.ts';
import { probeSample } from './probe-sample.ts';
import { readIptables } from './read-iptables.ts';
import { readNftables } from './read-nftables.ts';
import { judgeResults } from './results.ts';
import { logFile, preamble, resultFile } from './script.ts';
import { World } from './world.ts';

export interface Ended {
  /** How many events happened. */
  readonly events: number;
  /** What the host did that the model did not expect; the first stretch in which it differs. */
  readonly differences: readonly string[];
  /** The script of all that happened, and what the program logged. */
  readonly script: string;
  readonly log: string;
}

/** One life of a host, in a lab of its own: until its end, or until the kernel is not as the model says. */
export async function live(life: Life, backend: ModelBackend): Promise<Ended> {
  const lab = await Lab.create({ backend: backend === 'iptables' ? 'iptables-nft' : 'nftables' });
  const scripts = [preamble];
  const run = (lines: readonly string[]) => {
    scripts.push(lines.join('\n'));
    lab.host.run(
      'sh',
      [
        '-c',
        [preamble, `: >${resultFile}`, `echo '== ${scripts.length - 1}' >>${logFile}`, ...lines].join('\n'),
      ],
      { timeout: 600_000 },
    );
  };
  let events = 0;
  const ended = (differences: readonly string[]) => {
    const log = differences.length === 0 ? '' : lab.host.read(logFile);
    return { events, differences, script: scripts.join('\n'), log };
  };
  try {
    const world = new World(life, backend);
    prepare(lab, world);
    run([...world.begin(), ...world.startAll(), 'command apply']);
    let held: readonly Claim[] = [];
    for (const [at, stretch] of life.stretches.entries()) {
      const [lines, kept] = linesOf(world, stretch, held);
      events += stretch.events.length + 1;
      run([`# stretch ${at + 1}`, ...lines]);
      const differences = judgeResults(lab, endsCallers(stretch));
      const kernel = read(lab, world.backend);
      const guests = world.running();
      held = grantedClaims(kernel, guests, plainAddress);
      differences.push(...judgeClaims({ guests, granted: held, kept }));
      const expected = expectedKernel({ guests, claims: held, absent: world.absent() });
      const points = pointsFor(world.guests.map((guest) => world.addressesOf(guest)));
      differences.push(...compareKernels(expected, kernel, points).slice(0, 12));
      differences.push(...judgeConfinement(lab, world));
      differences.push(...judgeCheck(lab, guests.length > 0 ? refused(world, held) : 0));
      if (differences.length === 0) differences.push(...probeSample(lab, expected, world, at));
      if (differences.length > 0) return ended([`stretch ${at + 1}:`, ...differences]);
    }
    events += world.guests.length;
    run(['# the end', ...world.end(), 'command uninstall']);
    return ended([...judgeResults(lab, false), ...judgeRest(lab)]);
  } finally {
    await lab.destroy();
  }
}

const endsCallers = ({ events }: Stretch) =>
  events.some((event) => event.do === 'break' && event.how === 'ends its caller');

/** Guests that answer, and a namespace in which other programs do the same without guestgate. */
function prepare(lab: Lab, world: World): void {
  lab.host.sh('ip netns add reference');
  for (const { lab: guest } of world.guests) {
    lab.nameGuest(guest.name);
    lab.putGuest(guest);
    lab.host.sh(`ip -n ${guest.tap.replace('vnet', 'guest')} addr add ${other(guest.address)}/24 dev eth0`);
  }
  for (const options of [{}, { in: 'reference' }]) lab.host.sh('iptables -P FORWARD DROP', options);
}

const other = (address: string) => address.replace('.122.', '.122.1');

/** The lines of a stretch, and which claims have to be where they were. */
function linesOf(world: World, { events, close }: Stretch, held: readonly Claim[]): [string[], Claim[]] {
  const wantedNow = () =>
    new Set(world.running().flatMap(({ name, policy }) => claimsOf(name, policy).map(nameOf)));
  world.isForgotten = false;
  let kept = [...held];
  const keep = () => {
    const wanted = wantedNow();
    kept = world.isForgotten ? [] : kept.filter((claim) => wanted.has(nameOf(claim)));
  };
  const lines: string[] = [];
  for (const event of events) {
    const before = new Set(world.running().map(({ name }) => name));
    lines.push(...world.step(event));
    keep();
    // A restart begins and ends with a guest that runs, and gives up what it had.
    const inner = event.do === 'together' ? event.events : [event];
    const restarted = inner.flatMap((one) => ('guest' in one && one.do === 'restart' ? [one.guest] : []));
    const names = new Set(restarted.map((guest) => `g${guest + 1}`));
    kept = kept.filter(({ guest }) => before.has(guest) && !names.has(guest));
  }
  lines.push(...world.close(close));
  return [lines, kept];
}

/** What a command prints while nothing else changes the rules: a process that tidies up may still run. */
function locked(lab: Lab, command: string): string {
  return lab.host.sh(`[ -d /run/guestgate ] && exec flock /run/guestgate/lock ${command}; ${command}`);
}

function read(lab: Lab, backend: ModelBackend): Kernel {
  const nftables = readNftables(locked(lab, 'nft -j list ruleset'));
  const text = locked(lab, 'iptables-save');
  const [kernel, leftover] =
    backend === 'nftables'
      ? [nftables, /-j DNAT --to-destination 192\.168\.122/.test(text)]
      : [
          readIptables(text),
          nftables.translate({ protocol: 'tcp', source: 'local', address: plainAddress, port: 8000 }) !==
            untouched,
        ];
  if (leftover) throw new Error(`the other back end than ${backend} still translates`);
  return kernel;
}

function judgeConfinement(lab: Lab, world: World): string[] {
  const json = locked(lab, 'nft -j list ruleset');
  const guests = world.confined();
  const unknown = guests.flatMap(({ address, possible }) => (address === undefined ? [possible] : []));
  return compareConfinement(expectedConfinement(guests), readConfinement(json), unknown);
}

/** How many claims of running guests other guests have. */
function refused(world: World, held: readonly Claim[]): number {
  const wanted = world.running().flatMap(({ name, policy }) => claimsOf(name, policy));
  const names = new Set(held.map(nameOf));
  return wanted.filter((claim) => !names.has(nameOf(claim))).length;
}

/** `check` agrees, but for what other guests have and addresses that are not known. */
function judgeCheck(lab: Lab, refusals: number): string[] {
  const { stdout, status } = lab.guestgate('check', '--json');
  const { problems, differences } = JSON.parse(stdout) as { problems: string[]; differences: string[] };
  const known = / taken by |rules? (is|are) missing|address is not known|a file has it for guest/;
  const unexpected = [...problems, ...differences].filter((line) => !known.test(line));
  const isSilent = refusals > 0 && !differences.some((line) => line.includes(' taken by '));
  return [
    ...unexpected.map((line) => `check: ${line}`),
    ...(isSilent ? [`check does not say that ${refusals} claims are refused`] : []),
    ...(status === 0 || differences.length > 0 ? [] : [`check ends with ${status}`]),
  ];
}

/** After `uninstall` the ruleset is what other programs made of it. */
function judgeRest(lab: Lab): string[] {
  const rest = emptied(lab.host.sh('nft -s list ruleset'));
  const reference = emptied(lab.host.sh('nft -s list ruleset', { in: 'reference' }));
  return rest === reference ? [] : [`uninstall leaves\n${rest}\ninstead of\n${reference}`];
}

/** Without chains of iptables-nft that do nothing, which others may have caused as well. */
function emptied(ruleset: string): string {
  return ruleset
    .replaceAll(/counter packets \d+ bytes \d+/g, 'counter')
    .replaceAll(/\tchain \w+ \{\n\t\ttype [^\n]*policy accept;\n\t\}\n\n?/g, '')
    .replaceAll(/table ip6? \w+ \{\n\}\n/g, '');
}
