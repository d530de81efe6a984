import { Command } from 'commander';
import { follow } from '../apply/follow-guests.ts';

/** `guestgate follow-leases`: started by hooks, not by people. */
export function followLeasesCommand(): Command {
  return new Command('follow-leases')
    .description('wait for the leases of guests whose address comes by DHCP, as long as such guests run')
    .action(follow);
}
