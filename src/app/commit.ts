import { elementsWithout } from '../model/difference.ts';
import type { Element } from '../model/element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { isVif } from '../model/vif.ts';
import { restrictions } from '../planner/plan.ts';
import { type HostState, readHostState } from '../system/host-state.ts';
import { type Record, readRecord, recordName } from '../system/records.ts';
import { assertAnchors } from './anchors.ts';
import { preferBackend } from './backend-choice.ts';
import { announce, type Change, enact, type HostChange, settle } from './change.ts';
import { wishesOf } from './desired.ts';
import { endOldFlows } from './flows.ts';
import { grant } from './grant.ts';
import { unitedNetworks } from './network-elements.ts';
import { recordOf } from './record-of.ts';
import { tolerate } from './tolerate.ts';
import { assertVifRules } from './vif-rules.ts';
import { type Converged, guestOf, type Wish } from './wish.ts';

/** What became of a wish, or why nothing did. */
export type Answer = Converged | { readonly failed: unknown };

/**
 * The one path: what guests have in the kernel becomes what they should have, in one transaction, their records say
 * so, and our accepts stand first. Twice is once. Where policy or address are uncertain, what runs is left as it
 * is. To be called with the lock held.
 *
 * @param wishes in the order of their coming: of two for one guest the last one counts
 * @returns their answers; what fails for one guest is no matter to the others
 */
export function commit(wishes: readonly Wish[]): Answer[] {
  const recorded = readHostState();
  for (const wish of wishes) if (wish.kind === 'open') preferBackend(wish.backend);
  const host: HostChange = { recorded, wanted: wantedOf(recorded, wishes) };
  const changes = new Map<string, Change>();
  const answers = wishes.map((wish) => prepare(wish, changes, host));
  const all = [...changes.values()];
  const failures = enact(all, host);
  for (const change of all) if (!failures.has(change.name)) attempt(failures, change, () => settle(change));
  tolerate(() =>
    endOldFlows(
      all.filter(({ name }) => !failures.has(name)),
      host.wanted.mark,
    ),
  );
  const done = all.filter((change) => !failures.has(change.name));
  const opening = done.some((change) => change.opening);
  const anchors = [
    ...(opening ? assertAnchors(host.wanted.mark) : []),
    ...(done.some(movesPorts) ? assertVifRules() : []),
  ];
  return answers.map((answer, index) => {
    const name = recordName(guestOf(wishes[index] as Wish));
    const change = changes.get(name);
    if (answer !== undefined || change === undefined) return answer ?? nothing;
    if (failures.has(name)) return { failed: failures.get(name) };
    const { before, closing, settled } = change;
    if (closing) return { elements: before?.elements ?? [], problems: [] };
    return {
      elements: settled.elements,
      problems: [...settled.problems, ...(change.opening ? anchors : [])],
    };
  });
}

/** Whether a guest's ports are not what they were. */
function movesPorts({ before, settled }: Change): boolean {
  const [had, has] = [before?.elements ?? [], settled.elements].map((elements) => elements.filter(isVif));
  return elementsWithout(had ?? [], has ?? []).length + elementsWithout(has ?? [], had ?? []).length > 0;
}

const nothing: Converged = { elements: [], problems: [] };

/** @returns an answer if there is one already, before anything is changed */
function prepare(wish: Wish, changes: Map<string, Change>, host: HostChange): Answer | undefined {
  const id = guestOf(wish);
  const name = recordName(id);
  const earlier = changes.get(name);
  const before = earlier === undefined ? readRecord(name) : earlier.before;
  const now = earlier === undefined || earlier.closing ? before : earlier.after;
  let change: Change;
  if (wish.kind === 'close') {
    if (now === undefined) return earlier === undefined ? nothing : undefined;
    const after = { ...now, elements: [] };
    const doing = `removing rules of guest ${quoted(id.name)}`;
    change = { name, before, after, settled: after, opening: false, closing: true, doing };
  } else {
    const { elements, problems } = granted(wish, now, name);
    const after = recordOf(wish.desired, now, elements, problems);
    const opening = wish.stage === 'open' && elements.length > 0;
    const idle = !opening && elements.length === 0 && after.problems.length === 0;
    if (idle && now === undefined) return after;
    const doing = `adding rules for guest ${quoted(id.name)}`;
    change = { name, before, after, settled: after, opening, closing: false, doing };
  }
  try {
    changes.set(name, announce(change, host));
    return undefined;
  } catch (error) {
    if (earlier === undefined) changes.delete(name);
    return { failed: error };
  }
}

function granted(
  { desired, stage }: Wish & { kind: 'open' },
  before: Record | undefined,
  name: string,
): { elements: readonly Element[]; problems: readonly string[] } {
  const all = wishesOf(desired, before);
  const { granted: elements, problems } = grant(stage === 'guard' ? restrictions(all) : all, name);
  return { elements, problems };
}

/** The host's state with the networks that the guests bring, and the mark. */
function wantedOf(recorded: HostState, wishes: readonly Wish[]): HostChange['wanted'] {
  const opening = wishes.flatMap((wish) => (wish.kind === 'open' ? [wish] : []));
  const wanted = unitedNetworks(opening.map(({ desired }) => desired.networks));
  const networks = Object.assign(Object.create(null), recorded.networks, wanted);
  const marks = opening.flatMap(({ mark }) => mark ?? []);
  return { ...recorded, mark: marks.at(-1) ?? recorded.mark ?? defaultHostPolicy.mark, networks };
}

function attempt(failures: Map<string, unknown>, { name }: Change, action: () => void): void {
  try {
    action();
  } catch (error) {
    failures.set(name, error);
  }
}
