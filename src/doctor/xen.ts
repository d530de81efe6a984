import { existsSync } from 'node:fs';
import type { Fault } from '../model/finding.ts';
import { uncheckedSources } from '../reconcile/port-rules.ts';
import { vifCommon, xenCallsUs } from '../xen/xen-scripts.ts';
import { readXenstore } from '../xen/xenstore.ts';
import type { Check, HostFinding } from './check.ts';

interface XenHost {
  /** Xen runs here, and its vif scripts are there. */
  readonly scripts: boolean;
  /** They call guestgate. */
  readonly callsUs: boolean;
  /** Why the source addresses of its guests are not checked. */
  readonly unchecked: Fault | undefined;
  /** Whether the sources of any of its guests are restricted. */
  readonly hasSources: boolean;
}

/** Whether Xen's guests get the forwards of their policies, and the checks that `ip=` asks for. */
export function judgeXen({ scripts, callsUs, unchecked, hasSources }: XenHost): HostFinding[] {
  if (!scripts) return [];
  return [
    ...(callsUs
      ? []
      : [
          {
            severity: 'something' as const,
            subject: 'Xen',
            problem: `its vif scripts do not call guestgate, which neither adds nor removes forwards of its guests: ${vifCommon} is Xen's own, and vif-post.d has no hook of guestgate`,
            fix: 'guestgate install',
          },
        ]),
    ...(unchecked === undefined || !hasSources
      ? []
      : [{ subject: 'Xen', ...unchecked, fix: unchecked.fix ?? 'guestgate check' }]),
  ];
}

export const xenScripts: Check = ({ records }) =>
  judgeXen({
    scripts: existsSync(vifCommon) && readXenstore(['domid']) !== undefined,
    callsUs: xenCallsUs(),
    unchecked: uncheckedSources(),
    hasSources: records.some(({ guest }) => guest.nics.some(({ vif }) => vif?.sources !== undefined)),
  });
