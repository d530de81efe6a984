/** What guestgate ends with. `src/cli/exit-codes.ts` says what each means for commands. */
export const exitCodes = {
  done: 0,
  /** A program failed, or something differs. For a hook: libvirt must not start the guest. */
  failed: 1,
  /** A mistake in the command line or the configuration. */
  mistake: 2,
  /** EX_SOFTWARE of sysexits.h. */
  bug: 70,
  /** Makes a vif script fail, and refuses the interface: EX_NOPERM of sysexits.h. guestgate uses it for nothing else. */
  vifRefused: 77,
} as const;
