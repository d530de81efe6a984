import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { paths } from '../src/model/paths.ts';
import { hasProgram } from '../src/system/host.ts';
import { run, tryRun } from '../src/system/run.ts';
import type { Installation } from './installation.ts';
import { type Made, readManifest } from './manifest.ts';

/** Where units of packages are. */
export const unitFolder = '/usr/lib/systemd/system';

/** The daemons of libvirt that call hooks. */
const libvirtDaemons = ['libvirtd', 'virtqemud', 'virtlxcd', 'virtxend', 'virtnetworkd'];

/** In milliseconds: a service that starts replays the rules of all guests. */
const patience = 90_000;

/** Whether systemd runs this host, as sd_booted(3) finds out. */
const isBooted = () => existsSync('/run/systemd/system');

/**
 * Enables the new units that the preset names (systemd.preset(5)), and starts them; restarts the watcher for a new program.
 * In another system, which a prefix names, they start at its boot.
 *
 * @returns a line for each thing it did
 */
export function startServices(work: Installation): string[] {
  const made = work.steps.map((step) => step.made);
  const fresh = unitsIn(made).filter((unit) => !work.knows(`${unitFolder}/${unit}`));
  if (!hasProgram('systemctl')) return [];
  const done: string[] = [];
  if (fresh.length > 0) {
    systemctl([...(work.prefix === '' ? [] : [`--root=${work.prefix}`]), 'preset', ...fresh]);
    done.push(`units ${fresh.join(', ')}: enabled as the preset says`);
  }
  if (work.prefix !== '' || !isBooted()) return done;
  if (unitsIn(made).length > 0) systemctl(['daemon-reload']);
  if (made.some(({ kind }) => kind === 'program')) {
    const wanted = fresh.filter((unit) => tryRun(systemctlCommand(['is-enabled', unit])) !== undefined);
    if (wanted.length > 0) systemctl(['start', ...wanted]);
    else systemctl(['try-restart', 'guestgate-watch.service']);
  }
  return done;
}

/** libvirt's daemons look for hooks when they start and when they reload. @returns a line for each that did */
export function reloadLibvirt(work: Installation): string[] {
  if (!work.steps.some(({ made }) => made.kind === 'link' && made.target === paths.program)) return [];
  if (!hasProgram('systemctl') || !isBooted()) {
    work.advice.push(
      'a running libvirtd finds new hooks after: systemctl reload libvirtd (or virtqemud, virtnetworkd)',
    );
    return [];
  }
  const running = libvirtDaemons.filter(
    (daemon) => tryRun(systemctlCommand(['is-active', `${daemon}.service`])) !== undefined,
  );
  for (const daemon of running) systemctl(['reload', `${daemon}.service`]);
  return running.map((daemon) => `hooks in ${daemon}, which was reloaded`);
}

/** Before they are removed. Those of a package are the package's to stop. */
export function stopServices(): void {
  const units = unitsIn(readManifest().made);
  if (units.length === 0 || !hasProgram('systemctl')) return;
  systemctl(['disable', ...(isBooted() ? ['--now'] : []), ...units]);
}

/** After they are removed. */
export function forgetServices(): void {
  if (hasProgram('systemctl') && isBooted()) systemctl(['daemon-reload']);
}

function unitsIn(made: readonly Made[]): string[] {
  return made
    .map(({ path }) => path)
    .flatMap((path) => (path.startsWith(`${unitFolder}/`) ? [basename(path)] : []));
}

function systemctl(args: readonly string[]): void {
  run(systemctlCommand(args), 'setting up the services', patience);
}

function systemctlCommand(args: readonly string[]) {
  return { program: 'systemctl', args: ['--quiet', ...args] };
}
