import type { DesiredState } from '../../../src/desired/desired-state.ts';
import type { GuestChange } from '../../../src/reconcile/change.ts';
import type { ApplyRequest } from '../../../src/reconcile/request.ts';
import type { GuestRecord } from '../../../src/state/records.ts';
import { desiredOf, recordOf } from '../records.ts';

/* Changes and requests that tables of cases are made of: each names what is special about it alone. */

/** The change of guest "web" from one record to another. */
export function changeOf(
  before: Partial<GuestRecord> | undefined,
  after: Partial<GuestRecord>,
  more: Partial<GuestChange> = {},
): GuestChange {
  return {
    name: 'qemu-web',
    before: before && recordOf('web', before),
    after: recordOf('web', after),
    adds: true,
    removes: false,
    doing: 'adding rules for guest "web"',
    ...more,
  };
}

/** A plan that was made from a record of generation 7. */
export function applyOf(
  name: string,
  more: Partial<ApplyRequest> = {},
  desired: Partial<DesiredState> = {},
): ApplyRequest {
  return {
    kind: 'apply',
    cause: 'start',
    stage: 'all',
    desired: desiredOf(name, desired),
    premise: { configuration: 'monday', record: 7 },
    ...more,
  };
}
