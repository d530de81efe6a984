import { type GuestFound, keysOf } from '../desired/find-guest.ts';
import { parseDomain } from '../libvirt/domain.ts';
import { type DomainState, readDomainMetadata } from '../libvirt/domain-metadata.ts';
import type { GuestPolicyFound } from '../model/policy.ts';
import { formatProblem, quoted } from '../model/problem.ts';
import { describeForward } from '../policy/forward-list.ts';
import { effectivePolicy } from '../policy/guest-policy.ts';
import { parseMetadata } from '../policy/metadata.ts';
import type { Planned } from './change.ts';
import { type Decided, decideEdit, type ForwardRequest } from './forward-request.ts';
import { editMetadata } from './metadata-text.ts';
import { readFiles, takenByOthers } from './publish-file.ts';

/**
 * What a request changes in the guest's own XML: in its definition, if it has one, and in what it runs with, if it
 * runs. Asks libvirt; changes nothing yet.
 */
export async function planMetadataChange(found: GuestFound, request: ForwardRequest): Promise<Planned> {
  const { guest } = found;
  const { uuid } = guest;
  const configuration = readFiles();
  const keys = keysOf(guest);
  if (uuid === undefined)
    return refused(`libvirt knows no guest ${quoted(guest.name)}: see virsh list --all`);
  if (!configuration.host.metadata) return refused('[host] says metadata = false: nothing in an XML counts');
  const named = keys.find((key) => configuration.guests.get(key)?.policy.forwards !== undefined);
  if (named !== undefined) {
    return refused(
      `its forwards stand in ${configuration.places.get(named)}, which counts instead of its XML`,
    );
  }

  const states: DomainState[] = [
    ...(found.defined ? ['config' as const] : []),
    ...(found.running ? ['live' as const] : []),
  ];
  const [first, ...others] = states.map((state) => readDomainMetadata(guest, uuid, state));
  if (others.some((text) => text !== first)) {
    return refused(
      'what it runs with and what is defined for its next start differ in <gg:guest>: see virsh dumpxml --inactive',
    );
  }
  const before = await parsePolicy(found, first);
  const wrong = effectivePolicy(guest, before, configuration).problems;
  if (wrong.length > 0) return { notes: [], problems: wrong.map(formatProblem) };
  const decided = decideEdit(request, before?.policy.forwards ?? [], takenByOthers(configuration, keys));
  const { edit, notes, problems } = decided;
  if (problems.length > 0) return { notes: [], problems };
  if (edit.add.some(({ forward }) => forward.loopback !== undefined))
    return refused(
      "an XML has no loopback: the host's own 127.0.0.1 is for its files to give, without --metadata",
    );
  if (edit.add.length + edit.remove.length === 0) return { notes, problems };

  const after = editMetadata(first, edit);
  const policy = after === undefined ? undefined : await parsePolicy(found, after);
  if (after === undefined || !says(policy, before, decided)) {
    return refused('its <gg:guest> is written in a way that cannot be changed safely: use virsh edit');
  }
  const stillWrong = effectivePolicy(guest, policy, configuration).problems;
  if (stillWrong.length > 0) return { notes: [], problems: stillWrong.map(formatProblem) };
  return { notes, problems, change: { kind: 'metadata', guest, uuid, states, before: first, after } };
}

function refused(problem: string): Planned {
  return { notes: [], problems: [problem] };
}

/** Reads the element as an event would, in a domain: libvirt has taken its namespace off. */
async function parsePolicy(
  { guest }: GuestFound,
  text: string | undefined,
): Promise<GuestPolicyFound | undefined> {
  if (text === undefined) return undefined;
  const element = text.replace(/^<guest/, '<guest xmlns="urn:guestgate:1"');
  const xml = `<domain><metadata>${element}</metadata></domain>`;
  return parseMetadata((await parseDomain(guest.driver, xml, guest.name)).metadata);
}

/** Whether a policy is another one with these changes to its forwards, and no others. */
function says(
  is: GuestPolicyFound | undefined,
  was: GuestPolicyFound | undefined,
  { edit }: Decided,
): boolean {
  const { forwards: before = [], ...rest } = was?.policy ?? {};
  const { forwards: after = [], ...others } = is?.policy ?? {};
  const kept = before.filter((_, index) => !edit.remove.includes(index));
  const wanted = [...kept, ...edit.add.map(({ forward }) => forward)];
  const plain = (forwards: typeof before) =>
    forwards.map((one) => [
      describeForward(one),
      one.from,
      one.rate,
      one.connections,
      one.loopback,
      one.interfaceChoice,
    ]);
  return (
    is?.problems.length === 0 &&
    JSON.stringify([plain(after), others]) === JSON.stringify([plain(wanted), rest])
  );
}
