import type { Command } from 'commander';

/** Makes a command. @param finish gets the exit code */
export type MakeCommand = (finish: (exitCode: number) => void) => Command;

/**
 * The commands, in the order in which `--help` lists them. Each is loaded when it is called: a command that loads all others
 * takes three times as long to start.
 */
export const commandTable: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  plan: async () => (await import('./plan.ts')).planCommand,
  apply: async () => (await import('./apply.ts')).applyCommand,
  confirm: async () => (await import('./confirm.ts')).confirmCommand,
  publish: async () => (await import('./publish.ts')).publishCommand,
  unpublish: async () => (await import('./unpublish.ts')).unpublishCommand,
  guest: async () => (await import('./guest.ts')).guestCommand,
  netns: async () => (await import('./netns.ts')).netnsCommand,
  replay: async () => (await import('./replay.ts')).replayCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  events: async () => (await import('./events.ts')).eventsCommand,
  map: async () => (await import('./map.ts')).mapCommand,
  check: async () => (await import('./check.ts')).checkCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  watch: async () => (await import('./watch.ts')).watchCommand,
  metrics: async () => (await import('./metrics.ts')).metricsCommand,
  rescue: async () => (await import('./rescue.ts')).rescueCommand,
  config: async () => (await import('./config.ts')).configCommand,
  import: async () => (await import('./import.ts')).importCommand,
  schema: async () => (await import('./schema.ts')).schemaCommand,
  install: async () => (await import('./install.ts')).installCommand,
  uninstall: async () => (await import('./uninstall.ts')).uninstallCommand,
  'follow-leases': async () => (await import('./follow-leases.ts')).followLeasesCommand,
  lxc: async () => (await import('./lxc.ts')).lxcCommand,
  retry: async () => (await import('./retry.ts')).retryCommand,
  vserver: async () => (await import('./vserver.ts')).vserverCommand,
  'roll-back': async () => (await import('./roll-back.ts')).rollBackCommand,
};

/** Commands that guestgate itself starts, or a script of its own. */
export const hiddenCommands: readonly string[] = ['follow-leases', 'lxc', 'retry', 'roll-back', 'vserver'];
