import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Connection, serveEcho } from '../support/connection.ts';
import { Lab, type LabGuest, publicAddress, publicAddress6, secondAddress } from '../support/lab.ts';
import {
  type RecordedRelease,
  recordedBackends,
  recordedGuests,
  restoreRelease,
} from '../support/recorded-release.ts';
import { readRepository, repositoryPath } from '../support/repository.ts';

/*
 * This version takes over what each release has left on a host: its state and its rules, with guests that run and connections
 * that stand. And what a version after it has left, whose files it cannot know.
 */

const releases = readdirSync(repositoryPath('test/fixtures/releases'));
const cases = releases.flatMap((version) => recordedBackends.map((backend) => [version, backend] as const));

interface Host {
  readonly lab: Lab;
  readonly guests: readonly LabGuest[];
}

async function withHost(
  recorded: RecordedRelease,
  backend: (typeof recordedBackends)[number],
  use: (host: Host) => Promise<void>,
) {
  const lab = await Lab.create({ backend, ipv6: true });
  try {
    lab.host.sh('iptables -P FORWARD DROP; ip6tables -P FORWARD DROP');
    const before = lab.ruleset();
    const guests = recordedGuests.map((name) => lab.addGuest(name));
    serveEcho(lab.host, 'guest1');
    restoreRelease(lab, recorded, guests);
    await use({ lab, guests });
    expect(lab.guestgate('uninstall')).toMatchObject({ status: 0 });
    expect(withoutIdleChains(lab.ruleset())).toBe(withoutIdleChains(before));
  } finally {
    await lab.destroy();
  }
}

/** Without chains that accept everything, which a restored fixture begins with, and tables without others. */
function withoutIdleChains(ruleset: string): string {
  return ruleset
    .replaceAll(/^\tchain \w+ \{\n\t\ttype \w+ hook \w+ priority [^;]+; policy accept;\n\t\}\n\n?/gm, '')
    .replaceAll(/^table \w+ \w+ \{\n\}\n/gm, '')
    .replaceAll(/\n\n(?=\})/g, '\n');
}

function read(version: string, backend: string): RecordedRelease {
  return JSON.parse(readRepository(`test/fixtures/releases/${version}/${backend}.json`));
}

/** What the recorded policies let the client reach. */
function reached({ lab }: Host): string[] {
  return lab
    .probe('client', [
      { address: publicAddress, port: 8080 },
      { address: publicAddress6, port: 8443 },
      { address: secondAddress, port: 443 },
      { address: publicAddress, port: 5432 },
    ])
    .map((answer) => answer.replace(/,.*/, ''));
}

const all = ['hello from guest1', 'hello from guest1', 'hello from guest2', 'hello from guest3'];

/** The files that could not be read. */
function setAside({ lab }: Host): string[] {
  return lab.host.sh('ls /run/guestgate/unreadable 2>/dev/null || true').split('\n').slice(0, -1);
}

describe.each(cases)('guestgate %s with %s', (version, backend) => {
  const recorded = read(version, backend);

  test('its guests stay reachable through an event and a replay, connections continue, and no file is set aside', async () => {
    await withHost(recorded, backend, async (host) => {
      const { lab, guests } = host;
      expect(reached(host)).toEqual(all);
      const connection = new Connection(lab.host, publicAddress, 7007);
      try {
        expect(await connection.answers('before')).toBe(true);
        expect(lab.guestgate('status').stdout).toContain('3 guests');
        const [, , db] = guests as [LabGuest, LabGuest, LabGuest];
        expect(lab.hook(db, 'reconnect')).toMatchObject({ status: 0, stdout: '' });
        expect(reached(host)).toEqual(all);
        expect(await connection.answers('after an event')).toBe(true);
        expect(lab.guestgate('replay')).toMatchObject({ status: 0 });
        expect(lab.guestgate('check')).toMatchObject({ status: 0 });
        expect(reached(host)).toEqual(all);
        expect(await connection.answers('after replay')).toBe(true);
        expect(setAside(host)).toEqual([]);
      } finally {
        await connection.end();
      }
      for (const guest of guests) lab.end(guest);
      expect(reached(host).filter((answer) => answer.startsWith('hello'))).toEqual([]);
    });
  });

  test('a guest that stops first takes with it what that version gave it', async () => {
    await withHost(recorded, backend, async (host) => {
      const [web, ...others] = host.guests as [LabGuest, ...LabGuest[]];
      host.lab.end(web);
      expect(reached(host).map((answer) => answer.startsWith('hello'))).toEqual([false, false, true, true]);
      for (const guest of others) host.lab.end(guest);
      expect(reached(host).filter((answer) => answer.startsWith('hello'))).toEqual([]);
    });
  });

  test('files and rules of a later version: the files are set aside, and running guests are planned again', async () => {
    await withHost(ofLaterVersion(recorded), backend, async (host) => {
      const { lab, guests } = host;
      const [web] = guests as [LabGuest];
      const ran = lab.hook(web, 'reconnect');
      expect(ran).toMatchObject({ status: 0, stdout: '' });
      const replayed = lab.guestgate('replay');
      expect(replayed.status, replayed.stderr).toBe(0);
      expect(`${ran.stderr}${replayed.stderr}`).not.toMatch(/a bug|TypeError/);
      expect(reached(host)).toEqual(all);
      expect(lab.guestgate('check')).toMatchObject({ status: 0 });
      expect(setAside(host)).toContain('qemu-db.json');
      for (const guest of guests) lab.end(guest);
      expect(reached(host).filter((answer) => answer.startsWith('hello'))).toEqual([]);
    });
  });
});

/** Each file has a format that this version does not know, and a ruleset of an edition that it does not know. */
function ofLaterVersion(recorded: RecordedRelease): RecordedRelease {
  const later = (text: string) =>
    text.replace(/"format":\d+/, '"format":999').replace(/"edition":\d+/, '"edition":999');
  return {
    ...recorded,
    state: Object.fromEntries(Object.entries(recorded.state).map(([file, text]) => [file, later(text)])),
  };
}
