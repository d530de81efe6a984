import { paths } from '../../src/model/paths.ts';
import { stateFiles } from '../../src/model/state-files.ts';
import { table } from './markdown.ts';

/** What each file of the state holds; a folder's name ends in a slash. */
const contents: Readonly<
  Record<keyof typeof stateFiles, { readonly folder?: true; readonly holds: string }>
> = {
  records: {
    folder: true,
    holds:
      'one record per running guest: its interfaces and addresses, what it has in the kernel, problems, bridge ports that guestgate switched',
  },
  leases: { folder: true, holds: "the DHCP leases that a guest's interfaces had before it started" },
  ended: { folder: true, holds: "marks of guests that ended; a guest's next start removes its mark" },
  local: {
    folder: true,
    holds:
      'the guests that no hypervisor reports, and what to look at to know that they run: `guestgate guest list` shows them',
  },
  namespaces: { folder: true, holds: 'what `guestgate netns add` was asked for, one file per namespace' },
  host: {
    holds:
      'mark, back end and edition of the rulesets in use, the back end before it until its rules are removed, what each network has in the kernel, and what is dropped for absent guests',
  },
  uplinks: {
    holds:
      "the host's addresses and default routes that rules were planned with, and which interface holds each address that guests leave with",
  },
  journal: {
    holds:
      'the number of the last transaction, what it has not finished, and the guests that were refused a port or an address',
  },
  claims: { folder: true, holds: 'an index of claimed ports, sixteen ports of a protocol per file' },
  requests: { folder: true, holds: 'what waits for the lock, and the answers' },
  policies: {
    holds: 'the parsed configuration, with the stamps of its files. A cache: you may remove it at any time',
  },
  needed: {
    holds: 'what any guest has needed since boot: IPv6, and the tables that check what guests send',
  },
  backend: { holds: 'what `backend = "auto"` chose: guestgate asks the host once per boot' },
  called: { holds: 'empty: its time says when libvirt last called a hook' },
  calls: { holds: 'one byte for each call of a hook since boot: its length numbers the events' },
  events: {
    folder: true,
    holds:
      'the last thousand calls of hooks, one file per call, with what guestgate reads of their XML: `guestgate events` shows them',
  },
  failures: { holds: 'one byte for each call of a hook that met an error, since boot' },
  repairs: { holds: 'one byte for each repair by `guestgate watch`, since boot' },
  unreadable: { folder: true, holds: 'damaged files, and files of another version' },
  lock: { holds: 'the lock of each change. The kernel frees it when the process ends' },
  configurationLock: {
    holds:
      'the lock of `publish`, `unpublish` and `import` while they read and write the configuration. No hook takes it',
  },
  parsing: { holds: 'a lock: one process parses the configuration for all hooks that begin together' },
  asking: { holds: 'a lock: one process asks for the back end for all hooks that begin together' },
  follower: { holds: 'the lock of the process that follows leases. `guestgate watch` holds it, too' },
  retry: { holds: 'the lock of the process that does what hooks left' },
  watcher: { holds: 'the lock of `guestgate watch`' },
};

/** The paths of other programs that guestgate reads. */
const foreign = [
  paths.libvirtRun,
  paths.libvirtDomains,
  paths.libvirtNetworks,
  paths.dnsmasq,
  ...paths.hostLeases,
];

/**
 * docs/reference/files.md with its generated sections as they are now: what lies between `<!-- generated: NAME -->` and
 * `<!-- end -->`.
 *
 * @throws Error if the document names a section that does not exist
 */
export function renderFiles(document: string): string {
  return document.replaceAll(
    /^(<!-- generated: (.*) -->)\n[\s\S]*?^(<!-- end -->)$/gm,
    (_, head: string, name: string, end: string) => {
      const section = Object.hasOwn(sections, name) ? sections[name] : undefined;
      if (section === undefined) throw new Error(`files.md: unknown section ${name}`);
      return [head, '', section(), '', end].join('\n');
    },
  );
}

const sections: Readonly<Record<string, () => string>> = {
  state: () =>
    table(
      ['path', 'holds'],
      Object.entries(contents).map(([key, { folder, holds }]) => [
        `\`${stateFiles[key as keyof typeof stateFiles]}${folder === true ? '/' : ''}\``,
        holds,
      ]),
    ),
  foreign: () =>
    `${foreign.map((path) => `\`${path}${path.endsWith('.leases') ? '' : '/'}\``).join(',\n')},\nand xenstore.`,
};
