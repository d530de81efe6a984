import { isDeepStrictEqual } from 'node:util';
import type { GuestFound } from '../desired/find-guest.ts';
import { keysInFiles } from '../desired/guest-identity.ts';
import { parseDomain } from '../libvirt/domain.ts';
import { type DomainState, readDomainMetadata } from '../libvirt/domain-metadata.ts';
import type { GuestPolicyFound } from '../model/policy.ts';
import { formatProblem, quoted } from '../model/problem.ts';
import { effectivePolicy } from '../policy/guest-policy.ts';
import { parseMetadata } from '../policy/metadata.ts';
import { type Planned, refused } from './change.ts';
import { type Decided, decideEdit, type ForwardRequest } from './forward-request.ts';
import { editMetadata } from './metadata-text.ts';
import { meaningOf } from './new-forwards.ts';
import { newlyNotGranted } from './not-granted.ts';
import { readFiles, takenByOthers } from './plan-file-change.ts';

/**
 * Plans the change of a request in the guest's XML: in its definition, if it has one, and in the XML of the running
 * guest. Asks libvirt, and changes nothing.
 */
export async function planMetadataChange(found: GuestFound, request: ForwardRequest): Promise<Planned> {
  const { guest } = found;
  const { uuid } = guest;
  const configuration = readFiles();
  const keys = keysInFiles(guest);
  if (uuid === undefined)
    return refused([`libvirt has no guest ${quoted(guest.name)}: see virsh list --all`]);
  if (!configuration.host.metadata)
    return refused(['guestgate ignores the XML of guests: [host] contains metadata = false']);
  const named = keys.find((key) => configuration.guests.get(key)?.policy.forwards !== undefined);
  if (named !== undefined) {
    return refused([
      `its forwards are defined in ${configuration.places.get(named)}, which takes precedence over its XML`,
    ]);
  }

  const temporary = request.kind === 'publish' && request.temporary === true;
  if (temporary && !found.running)
    return refused([
      'it does not run: a temporary forward is gone when its guest stops (leave out --temporary)',
    ]);
  const states: DomainState[] = [
    ...(found.defined && !temporary ? ['config' as const] : []),
    ...(found.running ? ['live' as const] : []),
  ];
  const [first, ...others] = states.map((state) => readDomainMetadata(guest, uuid, state));
  if (others.some((text) => text !== first)) {
    return refused([
      '<gg:guest> of the running guest differs from its definition: it has temporary forwards, or see virsh dumpxml --inactive',
    ]);
  }
  const before = await parsePolicy(found, first);
  const wrong = effectivePolicy(guest, before, configuration).problems;
  if (wrong.length > 0) return refused(wrong.map(formatProblem));
  const decided = decideEdit(request, before?.policy.forwards ?? [], takenByOthers(configuration, keys));
  const { edit, notes, problems } = decided;
  if (problems.length > 0) return refused(problems);
  if (edit.add.some(({ forward }) => forward.loopback !== undefined))
    return refused(["only a file may forward from the host's 127.0.0.1: leave out --metadata"]);
  if (edit.add.length + edit.remove.length === 0) return { notes, problems };

  const after = editMetadata(first, edit);
  const policy = after === undefined ? undefined : await parsePolicy(found, after);
  if (after === undefined || !isAsWanted(policy, before, decided)) {
    return refused(['guestgate cannot change the form of its <gg:guest>: use virsh edit']);
  }
  const stillWrong = effectivePolicy(guest, policy, configuration).problems;
  if (stillWrong.length > 0) return refused(stillWrong.map(formatProblem));
  const notGranted = await newlyNotGranted(guest, before?.policy ?? {}, policy?.policy ?? {});
  if (notGranted.length > 0) return refused(notGranted);
  return { notes, problems, change: { kind: 'metadata', guest, uuid, states, before: first, after } };
}

/** Reads the element as an event does, in a domain: virsh prints it without its namespace. */
async function parsePolicy(
  { guest }: GuestFound,
  text: string | undefined,
): Promise<GuestPolicyFound | undefined> {
  if (text === undefined) return undefined;
  const element = text.replace(/^<guest/, '<guest xmlns="urn:guestgate:1"');
  const xml = `<domain><metadata>${element}</metadata></domain>`;
  return parseMetadata((await parseDomain(guest.driver, xml, guest.name)).metadata);
}

/** Whether a policy differs from another one in these changes to its forwards only. */
function isAsWanted(
  is: GuestPolicyFound | undefined,
  was: GuestPolicyFound | undefined,
  { edit }: Decided,
): boolean {
  const { forwards: before = [], ...rest } = was?.policy ?? {};
  const { forwards: after = [], ...others } = is?.policy ?? {};
  const kept = before.filter((_, index) => !edit.remove.includes(index));
  const wanted = [...kept, ...edit.add.map(({ forward }) => forward)];
  return (
    is?.problems.length === 0 &&
    isDeepStrictEqual([after.map(meaningOf), others], [wanted.map(meaningOf), rest])
  );
}
