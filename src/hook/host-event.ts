import type { Document, HookCall } from '../model/event.ts';
import { noRules, type Outcome } from '../model/outcome.ts';
import { quoted } from '../model/problem.ts';
import { hasAnyGuestState } from '../reconcile/has-rules.ts';
import { hasStandingRules } from '../reconcile/standing-rules.ts';
import { nameInUse, readHostState } from '../state/host-state.ts';

/** Whether the kernel holds rules of guestgate, by the records. */
export function holdsRules(): boolean {
  return nameInUse(readHostState()) !== undefined;
}

/** Handles events of networks and libvirtd. Except for a start, they matter only while rules are in place. */
export async function onHostEvent(
  call: HookCall,
  reaction: 'network-up' | 'network-down' | 'attach' | 'detach' | 'assert' | 'tidy',
  document: Document,
): Promise<Outcome> {
  const isAlways = reaction === 'network-up' || reaction === 'tidy';
  if (!isAlways && !hasAnyGuestState() && !hasStandingRules()) return noRules;
  switch (reaction) {
    case 'network-up':
      return (await networkRules()).networkUp((await networkOf(call, document)).network);
    case 'network-down':
      return (await networkRules()).networkDown(call.object);
    case 'attach':
    case 'detach': {
      const { changeInterface } = await import('./hotplug.ts');
      const { port } = await networkOf(call, document);
      return changeInterface(port, reaction);
    }
    case 'assert':
      return (await import('../reconcile/repair.ts')).assertOpen();
    case 'tidy':
      return (await import('../reconcile/tidy.ts')).tidy();
  }
}

function networkRules() {
  return import('../reconcile/network-rules.ts');
}

async function networkOf({ object }: HookCall, document: Document) {
  const { parseNetworkXml } = await import('../libvirt/network.ts');
  return parseNetworkXml(await document(), `the XML of network ${quoted(object)}`);
}
