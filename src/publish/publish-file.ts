import { type LoadedConfiguration, locate } from '../desired/configuration.ts';
import { type GuestFound, keysOf } from '../desired/find-guest.ts';
import { describeFinding } from '../model/finding.ts';
import { paths } from '../model/paths.ts';
import { formatProblem } from '../model/problem.ts';
import { type ParsedConfiguration, parseConfiguration } from '../policy/configuration.ts';
import { effectivePolicy } from '../policy/guest-policy.ts';
import { parseMetadata } from '../policy/metadata.ts';
import { lineOf } from '../policy/toml-lines.ts';
import { guestsFolder, mainFile, readConfigurationFiles } from '../system/configuration-files.ts';
import { guestFile } from '../system/guest-file.ts';
import type { Planned } from './change.ts';
import { editForwards, entriesWith } from './edit-forwards.ts';
import { decideEdit, type ForwardRequest, type TakenForward } from './forward-request.ts';

type Files = LoadedConfiguration & ParsedConfiguration;

/** The configuration with the texts that it was read from. */
export function readFiles(): Files {
  const files = readConfigurationFiles(paths.configuration);
  return { ...parseConfiguration(files, mainFile(paths.configuration)), files };
}

/** What a request changes in the file that says the guest's policy, or will say it. Changes nothing yet. */
export async function planFileChange(found: GuestFound, request: ForwardRequest): Promise<Planned> {
  const configuration = readFiles();
  const { problems: inPolicy } = effectivePolicy(found.guest, undefined, configuration);
  const wrong = [...new Set([...configuration.hostUnknown, ...inPolicy])];
  if (wrong.length > 0) return refused((await locate(wrong, configuration.files)).map(describeFinding));

  const keys = keysOf(found.guest);
  const key = keys.find((name) => configuration.guests.has(name)) ?? found.guest.name;
  const written = configuration.guests.get(key)?.policy.forwards;
  const inMetadata = configuration.host.metadata ? parseMetadata(found.metadata)?.policy.forwards : undefined;
  if (written === undefined && inMetadata !== undefined) {
    return refused([
      "its forwards stand in its XML, and would not count beside a file's: use --metadata, or move them",
    ]);
  }
  const { edit, notes, problems } = decideEdit(request, written ?? [], takenByOthers(configuration, keys));
  if (problems.length > 0) return refused(problems);
  if (edit.add.length + edit.remove.length === 0) return { notes, problems };

  const path = configuration.places.get(key) ?? guestFile(guestsFolder(paths.configuration), key);
  const before = configuration.files.find((file) => file.path === path)?.text;
  const inFile = entriesWith(before ?? '', key, edit.remove);
  if ('partly' in inFile)
    return refused([`${inFile.partly} says more than that: unpublish all of it, and publish what stays`]);
  const edited = editForwards({ path, text: before ?? '' }, key, { ...edit, remove: inFile.entries });
  if ('problem' in edited) return refused([formatProblem(edited.problem)]);
  const then = parseWith(configuration, path, edited.text);
  const stillWrong = effectivePolicy(found.guest, undefined, then).problems;
  if (stillWrong.length > 0) return refused(stillWrong.map(formatProblem));
  if (inMetadata !== undefined && then.guests.get(key)?.policy.forwards === undefined) {
    return refused([
      'without any in the file, the forwards in its XML would count: take those out first, or write forward = []',
    ]);
  }
  return { notes, problems, change: { kind: 'file', path, before, after: edited.text } };
}

function refused(problems: readonly string[]): Planned {
  return { notes: [], problems };
}

/** The forwards that files say other guests have. */
export function takenByOthers(configuration: Files, keys: readonly string[]): TakenForward[] {
  return [...configuration.guests].flatMap(([guest, { policy }]) => {
    if (keys.includes(guest)) return [];
    const path = configuration.places.get(guest) ?? '';
    const text = configuration.files.find((file) => file.path === path)?.text ?? '';
    return (policy.forwards ?? []).map((forward, index) => ({
      forward,
      guest,
      where: () => `${path}:${lineOf(text, ['guest', guest, 'forward', index])}`,
    }));
  });
}

/** The configuration as it would be if a file had another text. */
function parseWith({ files }: Files, path: string, text: string): ParsedConfiguration {
  const changed = [...files.filter((file) => file.path !== path), { path, text }];
  return parseConfiguration(changed, mainFile(paths.configuration));
}
