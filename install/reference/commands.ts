import type { Command, Option } from 'commander';
import { generated, table } from './markdown.ts';

/** A command by name, with the options that it takes. */
export interface CommandNames {
  readonly name: string;
  readonly options: readonly string[];
}

/** What a person may call: all but `help`, and the commands that hooks start. */
export function visibleCommands(program: Command): Command[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
}

export interface Operand {
  /** In the singular. */
  readonly name: string;
  readonly required: boolean;
  readonly variadic: boolean;
  readonly description: string;
}

export function operandsOf(command: Command): Operand[] {
  return command.registeredArguments.map((argument) => {
    const { required, variadic, description } = argument;
    const name = variadic ? argument.name().replace(/s$/, '') : argument.name();
    return { name, required, variadic, description };
  });
}

export function describeCommands(program: Command): CommandNames[] {
  return visibleCommands(program).map((command) => ({
    name: command.name(),
    options: [...program.options, ...command.options].flatMap(({ long }) => long ?? []),
  }));
}

/** docs/reference/commands.md. */
export function renderCommands(program: Command): string {
  const commands = visibleCommands(program);
  const summaries = commands.map((command) => [
    `[\`${command.name()}\`](#${command.name()})`,
    command.summary(),
  ]);
  return [
    generated,
    '# Commands',
    `\`GUEST\` is the name of a guest, its UUID, or driver and name (\`lxc:web\`). [Exit codes](exit-codes.md) are on their own page.`,
    table(['command', 'purpose'], summaries),
    'Every command takes these options, before or after its name:',
    optionTable([...program.options, helpOption]),
    ...commands.map(renderCommand),
    `## As a hook

libvirt runs guestgate as \`/etc/libvirt/hooks/qemu\`, \`lxc\`, \`libxl\`, \`network\` and \`daemon\`, and Xen's vif scripts run it for each
interface. A hook reads the object's XML from standard input and writes nothing to standard output. Each hook also accepts
\`--replay [GUEST...]\`, which does what \`guestgate replay\` does.`,
  ]
    .join('\n\n')
    .concat('\n');
}

const helpOption = { flags: '--help', description: 'show help' };

function renderCommand(command: Command): string {
  const operands = operandsOf(command).map(({ name, required, variadic, description }) => {
    const shown = `${name.toUpperCase()}${variadic ? '...' : ''}`;
    return { name: shown, text: required ? shown : `[${shown}]`, description };
  });
  const usage = ['guestgate', command.name(), ...operands.map(({ text }) => text)].join(' ');
  const rows = operands.map(({ name, description }) => [`\`${name}\``, description]);
  const parts = [`## ${command.name()}`, `    ${usage}${command.options.length > 0 ? ' [OPTION...]' : ''}`];
  parts.push(command.description());
  if (rows.length > 0) parts.push(table(['argument', 'meaning'], rows));
  if (command.options.length > 0) parts.push(optionTable(command.options));
  return parts.join('\n\n');
}

type Described = Pick<Option, 'flags' | 'description'> & Partial<Pick<Option, 'argChoices' | 'defaultValue'>>;

function optionTable(options: readonly Described[]): string {
  return table(
    ['option', 'meaning'],
    options.map((option) => [`\`${option.flags}\``, `${option.description}${choicesOf(option)}`]),
  );
}

function choicesOf({ argChoices, defaultValue }: Described): string {
  if (argChoices === undefined) return '';
  const choices = argChoices.map((choice) => `\`${choice}\``).join(', ');
  return ` (${choices}; default: \`${defaultValue}\`)`;
}
