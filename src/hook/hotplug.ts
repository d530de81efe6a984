import { readHost } from '../desired/host-reading.ts';
import type { NetworkPort } from '../libvirt/network.ts';
import type { Outcome } from '../model/outcome.ts';
import { quoted } from '../model/problem.ts';
import { planInterfaceChange, recordOfOwner } from '../reconcile/interface-change.ts';
import { assertOpen } from '../reconcile/repair.ts';
import { submitPlan } from './guest-start.ts';
import { noteLeases } from './note-leases.ts';

/** Plans a guest again after an interface was attached or detached. */
export async function changeInterface(
  port: NetworkPort | undefined,
  change: 'attach' | 'detach',
): Promise<Outcome> {
  const record = port && recordOfOwner(port);
  if (record === undefined || port === undefined)
    return { level: 'debug', message: 'no rules for this guest' };
  const { mac, network } = port.nic;
  // Before the guest has the interface, or has it on this network: it cannot have asked for a lease there.
  if (change === 'attach' && !record.guest.nics.some((nic) => nic.mac === mac && nic.network === network))
    await noteLeases({ ...record.guest, nics: [port.nic] }, await readHost('no guest'), 'attach');
  const request = await planInterfaceChange(record, { change, port });
  if (request === undefined) return assertOpen();
  const desired = request.kind === 'apply' ? request.desired : { deny: false };
  const outcome = await submitPlan(request, desired);
  return { ...outcome, message: `guest ${quoted(record.guest.name)}: ${outcome.message}` };
}
