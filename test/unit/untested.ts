/**
 * Modules of `src/` without a test of their own name, by folder, and what shows that they work. The list may only shrink:
 * a new module has a test of its name.
 */
export interface Untested {
  readonly shownBy: string;
  readonly modules: readonly string[];
}

/** How many there are: a test for one lowers it. */
export const mostUntested = 105;

export const untested: Readonly<Record<string, Untested>> = {
  '.': {
    shownBy:
      'an effect: runs a hook or a command. test/lab/invariants.test.ts runs the built program; its choice is test/unit/system/invocation.test.ts',
    modules: 'main'.split(' '),
  },
  apply: {
    shownBy:
      'effects, in the order of reading, kernel, answer: test/lab/apply.test.ts, leases.test.ts, replay.test.ts, queued-together.test.ts (retry), rescue.test.ts (rescue-kernel)',
    modules: 'apply follow-guests replay rescue-kernel retry'.split(' '),
  },
  check: {
    shownBy:
      'reads rules in the kernel: test/lab/invariants.test.ts, restart-agrees.test.ts, saved-ruleset.test.ts, status.test.ts, xen-spoofing.test.ts; plan: test/lab/documents.test.ts',
    modules: 'antispoof-differences check kernel-differences plan-guest state-differences status'.split(' '),
  },
  cli: {
    shownBy:
      'commander’s words around what other rooms return: test/unit/cli/command-table.test.ts has their names, test/lab/documents.test.ts runs what the documents say, and each has a lab: apply, doctor, events, explain, import, install, leases, publish, replay, status and watch in test/lab',
    modules:
      'apply check cli doctor explain follow-leases import install plan publication publish replay require-root retry status uninstall unpublish watch'.split(
        ' ',
      ),
  },
  desired: {
    shownBy:
      'join what other modules read, each with its own test: test/lab/absent.test.ts, metadata-limits.test.ts, networks.test.ts, policy-sources.test.ts, hostile-cache.slow.test.ts',
    modules: 'absent-guests compute-desired-state configuration host-reading read-metadata'.split(' '),
  },
  doctor: {
    shownBy:
      'read the kernel, routes and guests’ answers: test/lab/doctor.test.ts, doctor-forwards.test.ts, host-blocks.slow.test.ts; their judgements are in test/unit/doctor',
    modules: 'doctor guest-answers probe-guests survey'.split(' '),
  },
  explain: {
    shownBy: 'asks nft, iptables and ip: test/lab/explain.test.ts compares it with real packets',
    modules: 'known-host'.split(' '),
  },
  hook: {
    shownBy:
      'effects, what an event leads to: test/lab/invariants.test.ts, main-job.test.ts, interface.test.ts (hot-plug), leases.test.ts, saved-ruleset.test.ts, xen-scripts.test.ts; catch-up: test/libvirt/running-guests.test.ts',
    modules: 'catch-up dispatch guest-start hotplug note-leases run-hook run-vif saved-rules'.split(' '),
  },
  install: {
    shownBy: 'changes the kernel: test/lab/install.test.ts, made-chains.test.ts',
    modules: 'remove-rules'.split(' '),
  },
  libvirt: {
    shownBy: 'runs virsh: test/libvirt/publish-metadata.test.ts',
    modules: 'domain-metadata'.split(' '),
  },
  model: {
    shownBy: 'data without logic',
    modules: 'backend-name outcome'.split(' '),
  },
  publish: {
    shownBy:
      'asks libvirt and applies to running guests: test/lab/publish.test.ts, publish-together.test.ts, metadata-limits.test.ts, test/libvirt/publish-metadata.test.ts',
    modules: 'not-granted plan-metadata-change publication'.split(' '),
  },
  reconcile: {
    shownBy:
      'changes or asks the kernel: test/lab/crash.test.ts (transaction, at each step), replay.test.ts (rebuild), end-wins.test.ts and late-plans.test.ts (queue, replan), foreign-rules.test.ts, bans.slow.test.ts (head rules), backend-choice.test.ts, made-chains.test.ts, hairpin.test.ts, networks.test.ts, uplinks.test.ts, hostile-state.slow.test.ts (unreadable), xen-spoofing.test.ts (accepts), connections.test.ts, interface.test.ts',
    modules:
      'adapt-to-host antispoof-accepts apply-networks chain-there ended-connections follow-up hairpin head-rule-places head-rule-standing head-rules host-support interface-change leftovers network-deltas network-rules plan-all plan-reading queue rebuild rebuild-load reconcile repair replan switch-backend tidy transaction unexplained unreadable user-rules'.split(
        ' ',
      ),
  },
  system: {
    shownBy:
      'the calls themselves: test/lab/bounded.test.ts (lock, input), concurrency.test.ts (locks), connections.test.ts (flows), foreign-rules.test.ts (netlink), under-node.slow.test.ts (what takes the place of the C library), bans.slow.test.ts (Shorewall), events.test.ts (log), install.test.ts (self)',
    modules:
      'flows flows-by-program input libc log-line netlink netlink-rules self source-address standard-input stopped-firewall winston-log'.split(
        ' ',
      ),
  },
  watch: {
    shownBy: 'effects that last: test/lab/watch.test.ts, watch-uplinks.slow.test.ts, systemd.test.ts',
    modules:
      'drift follow-configuration follow-uplinks monitor start uplink-monitor watch watch-ruleset'.split(' '),
  },
  xen: {
    shownBy: 'asks xenstore’s programs: test/lab/xen-scripts.test.ts, test/xen/xen.test.ts',
    modules: 'xenstore'.split(' '),
  },
};
