import { type LoadedConfiguration, locate } from '../desired/configuration.ts';
import type { GuestFound } from '../desired/find-guest.ts';
import { keysInFiles } from '../desired/guest-identity.ts';
import { describeFinding } from '../model/finding.ts';
import { paths } from '../model/paths.ts';
import { formatProblem } from '../model/problem.ts';
import { type ParsedConfiguration, parseConfiguration } from '../policy/configuration.ts';
import { effectivePolicy } from '../policy/guest-policy.ts';
import { parseMetadata } from '../policy/metadata.ts';
import { lineOf } from '../policy/toml-lines.ts';
import { guestsFolder, mainFile, readConfigurationFiles } from '../system/configuration-files.ts';
import { guestFile } from '../system/guest-file.ts';
import { type Planned, refused } from './change.ts';
import { editForwards, entriesWith } from './edit-forwards.ts';
import { decideEdit, type ForwardRequest, type TakenForward } from './forward-request.ts';

type Files = LoadedConfiguration & ParsedConfiguration;

/** Reads the configuration, with the texts of its files. */
export function readFiles(): Files {
  const files = readConfigurationFiles(paths.configuration);
  return { ...parseConfiguration(files, mainFile(paths.configuration)), files };
}

/** Plans the change of a request in the file that holds the guest's policy, or will hold it. Changes nothing. */
export async function planFileChange(found: GuestFound, request: ForwardRequest): Promise<Planned> {
  const configuration = readFiles();
  const keys = keysInFiles(found.guest);
  const { problems: inPolicy } = effectivePolicy(found.guest, undefined, configuration, { keys });
  const wrong = [...new Set([...configuration.hostUnknown, ...inPolicy])];
  if (wrong.length > 0) return refused((await locate(wrong, configuration.files)).map(describeFinding));

  const key =
    keys.find((name) => configuration.guests.has(name)) ??
    (keys.includes(found.guest.name) ? found.guest.name : (keys[0] ?? ''));
  const written = configuration.guests.get(key)?.policy.forwards;
  const inMetadata = configuration.host.metadata ? parseMetadata(found.metadata)?.policy.forwards : undefined;
  if (written === undefined && inMetadata !== undefined) {
    return refused([
      'its forwards are defined in its XML, and forwards in a file would replace them: use --metadata, or move them to a file',
    ]);
  }
  const { edit, notes, problems } = decideEdit(request, written ?? [], takenByOthers(configuration, keys));
  if (problems.length > 0) return refused(problems);
  if (edit.add.length + edit.remove.length === 0) return { notes, problems };

  const path = configuration.places.get(key) ?? guestFile(guestsFolder(paths.configuration), key);
  const before = configuration.files.find((file) => file.path === path)?.text;
  const inFile = entriesWith(before ?? '', key, edit.remove);
  if ('partly' in inFile)
    return refused([
      `${inFile.partly} defines other forwards, too: unpublish all of them, and publish the others again`,
    ]);
  const edited = editForwards({ path, text: before ?? '' }, key, { ...edit, remove: inFile.entries });
  if ('problem' in edited) return refused([formatProblem(edited.problem)]);
  const then = parseWith(configuration, path, edited.text);
  const stillWrong = effectivePolicy(found.guest, undefined, then, { keys }).problems;
  if (stillWrong.length > 0) return refused(stillWrong.map(formatProblem));
  if (inMetadata !== undefined && then.guests.get(key)?.policy.forwards === undefined) {
    return refused([
      'without forwards in the file, the forwards in its XML would apply: remove those first, or write forward = []',
    ]);
  }
  return { notes, problems, change: { kind: 'file', path, before, after: edited.text } };
}

/** The forwards that the files give to other guests. */
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

/** The configuration with another text of one file. */
function parseWith({ files }: Files, path: string, text: string): ParsedConfiguration {
  const changed = [...files.filter((file) => file.path !== path), { path, text }];
  return parseConfiguration(changed, mainFile(paths.configuration));
}
