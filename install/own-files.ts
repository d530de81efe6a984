import { existsSync } from 'node:fs';
import { join } from 'node:path';
import zshCompletion from '../pkg/completions/_guestgate' with { type: 'text' };
import bashCompletion from '../pkg/completions/guestgate.bash' with { type: 'text' };
import fishCompletion from '../pkg/completions/guestgate.fish' with { type: 'text' };
import programManual from '../pkg/man/guestgate.8' with { type: 'text' };
import fileManual from '../pkg/man/guestgate.toml.5' with { type: 'text' };
import preset from '../pkg/systemd/50-guestgate.preset' with { type: 'text' };
import applyPath from '../pkg/systemd/guestgate-apply.path' with { type: 'text' };
import applyService from '../pkg/systemd/guestgate-apply.service' with { type: 'text' };
import metricsService from '../pkg/systemd/guestgate-metrics.service' with { type: 'text' };
import metricsTimer from '../pkg/systemd/guestgate-metrics.timer' with { type: 'text' };
import replayService from '../pkg/systemd/guestgate-replay.service' with { type: 'text' };
import watchService from '../pkg/systemd/guestgate-watch.service' with { type: 'text' };
import { unitFolder } from './services.ts';
import type { Script } from './xen-scripts.ts';

/** Where zsh looks for completions of packages: Debian's has a folder of its own for them. */
const zshFolders = { debian: '/usr/share/zsh/vendor-completions', other: '/usr/share/zsh/site-functions' };

/**
 * The files beside the program that are the same on each host, in the places where packages have them: a package that is
 * installed later replaces them.
 *
 * @param family how the host's zsh is built; by default, the one of this host
 */
export function ownFiles(family: keyof typeof zshFolders = familyHere()): readonly Script[] {
  const texts: Readonly<Record<string, string>> = {
    [join(unitFolder, 'guestgate-replay.service')]: replayService,
    [join(unitFolder, 'guestgate-watch.service')]: watchService,
    [join(unitFolder, 'guestgate-apply.path')]: applyPath,
    [join(unitFolder, 'guestgate-apply.service')]: applyService,
    [join(unitFolder, 'guestgate-metrics.timer')]: metricsTimer,
    [join(unitFolder, 'guestgate-metrics.service')]: metricsService,
    '/usr/lib/systemd/system-preset/50-guestgate.preset': preset,
    '/usr/share/man/man8/guestgate.8': programManual,
    '/usr/share/man/man5/guestgate.toml.5': fileManual,
    '/usr/share/bash-completion/completions/guestgate': bashCompletion,
    '/usr/share/fish/vendor_completions.d/guestgate.fish': fishCompletion,
    [join(zshFolders[family], '_guestgate')]: zshCompletion,
  };
  return Object.entries(texts).map(([path, text]) => ({ path, text, mode: 0o644 }));
}

function familyHere(): keyof typeof zshFolders {
  return existsSync('/etc/debian_version') ? 'debian' : 'other';
}
