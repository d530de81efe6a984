/**
 * Modules of `src/` without a test of their own name, by folder, and what shows that they work. The list may only shrink:
 * a new module has a test of its name.
 */
export interface Untested {
  readonly shownBy: string;
  readonly modules: readonly string[];
}

/** How many there are: a test for one lowers it. */
export const mostUntested = 121;

export const untested: Readonly<Record<string, Untested>> = {
  '.': {
    shownBy: 'the choice of main: test/unit/system/invocation.test.ts, test/lab',
    modules: 'main'.split(' '),
  },
  apply: {
    shownBy: 'effects: applies plans to the host; test/lab/apply, replay, leases',
    modules: 'apply follow-leases replay retry'.split(' '),
  },
  check: {
    shownBy: 'reads kernel and state: test/lab/invariants, doctor, saved-ruleset',
    modules: 'antispoof-differences check kernel-differences plan-guest state-differences status'.split(' '),
  },
  cli: {
    shownBy: 'prints what other rooms return: test/lab/documents and the labs of each command',
    modules:
      'apply check cli closed-pipe doctor exit-codes explain findings follow-leases import install plan publication publish replay report-error require-root retry status uninstall unpublish watch'.split(
        ' ',
      ),
  },
  desired: {
    shownBy:
      'reads the files of the host: test/lab/policy-sources, networks, absent; test/unit/desired has its pure parts',
    modules:
      'absent-guests compute-desired-state configuration host-reading libvirt-definition metadata-bounds read-metadata'.split(
        ' ',
      ),
  },
  doctor: {
    shownBy:
      'judgements are in test/unit/doctor/judgements.test.ts, readings in test/lab/doctor and doctor-forwards',
    modules: 'doctor guest-answers probe-guests survey'.split(' '),
  },
  explain: {
    shownBy:
      'asks the host, or is compared with real packets: test/lab/explain; its rules in iptables-rule and nft-rule',
    modules: 'known-host'.split(' '),
  },
  hook: {
    shownBy: 'what an event leads to: test/lab/invariants, main-job, xen-scripts',
    modules:
      'catch-up dispatch guest-start host-event hotplug note-leases run-hook run-vif saved-rules vif-event'.split(
        ' ',
      ),
  },
  import: {
    shownBy: 'test/unit/import/translate-hooks.test.ts reads whole files',
    modules: 'import-hooks'.split(' '),
  },
  install: {
    shownBy: 'removes rules: test/lab/install',
    modules: 'remove-rules'.split(' '),
  },
  libvirt: {
    shownBy: 'reads files or asks virsh: test/unit/libvirt/domain and find-address, test/libvirt',
    modules: 'domain-metadata'.split(' '),
  },
  model: {
    shownBy: 'data without logic',
    modules: 'backend-name outcome'.split(' '),
  },
  publish: {
    shownBy:
      'test/unit/publish/edit-forwards.test.ts edits whole files; test/lab/publish, test/libvirt/publish-metadata',
    modules: 'not-granted plan-metadata-change publication'.split(' '),
  },
  reconcile: {
    shownBy: 'changes the kernel: test/lab, test/contract',
    modules:
      'adapt-to-host antispoof-accepts apply-networks chain-there ended-connections follow-up hairpin head-rule-places head-rule-standing head-rules host-support interface-change leftovers network-deltas network-rules plan-all plan-reading queue rebuild rebuild-load reconcile repair replan switch-backend tidy transaction unexplained unreadable user-rules'.split(
        ' ',
      ),
  },
  state: {
    shownBy: 'processes and locks: test/lab/watch, leases, concurrency',
    modules: 'file-stamp lease-process retry-process single-flight watch-process'.split(' '),
  },
  system: {
    shownBy: 'effects: test/lab, test/libvirt, test/xen',
    modules:
      'configuration-lock flows flows-by-program input libc lock log-line netlink netlink-rules self source-address standard-input stopped-firewall winston-log'.split(
        ' ',
      ),
  },
  watch: {
    shownBy: 'effects: test/lab/watch, watch-uplinks',
    modules:
      'changers drift follow-configuration follow-uplinks monitor start uplink-monitor watch watch-ruleset'.split(
        ' ',
      ),
  },
  xen: {
    shownBy: 'asks xenstore: test/lab/xen-scripts, test/xen',
    modules: 'xenstore'.split(' '),
  },
};
