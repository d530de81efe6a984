import { existsSync } from 'node:fs';
import { nothingChecks } from '../reconcile/antispoof-accepts.ts';
import { vifCommon, xenCallsUs } from '../xen/xen-scripts.ts';
import { readXenstore } from '../xen/xenstore.ts';
import type { Check, Finding } from './finding.ts';

interface XenHost {
  /** Xen runs here, and its vif scripts are there. */
  readonly scripts: boolean;
  /** They call us. */
  readonly callsUs: boolean;
  /** Why nobody looks at what its guests send. */
  readonly unchecked: string | undefined;
  /** Whether any of its guests was given addresses to send from. */
  readonly hasSources: boolean;
}

/** What keeps Xen's guests from their policies, or from what `ip=` says of them. */
export function judgeXen({ scripts, callsUs, unchecked, hasSources }: XenHost): Finding[] {
  if (!scripts) return [];
  return [
    ...(callsUs
      ? []
      : [
          {
            severity: 'something' as const,
            what: `Xen's vif scripts do not call guestgate: forwards of its guests neither open nor close by themselves (${vifCommon} is not guestgate's, and there is no hook of it in vif-post.d)`,
            fix: 'guestgate install',
          },
        ]),
    ...(unchecked === undefined || !hasSources
      ? []
      : [{ severity: 'later' as const, what: unchecked, fix: 'apt-get install nftables; guestgate replay' }]),
  ];
}

export const xenScripts: Check = ({ records }) =>
  judgeXen({
    scripts: existsSync(vifCommon) && readXenstore(['domid']) !== undefined,
    callsUs: xenCallsUs(),
    unchecked: nothingChecks(),
    hasSources: records.some(({ guest }) => guest.nics.some(({ vif }) => vif?.sources !== undefined)),
  });
