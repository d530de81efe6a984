import type { Command, Option } from 'commander';
import { type KeyTable, keyTables } from '../../src/policy/key-tables.ts';
import { type Operand, operandsOf, visibleCommands } from './commands.ts';
import { renderExitStatus } from './exit-codes.ts';
import { typeOf } from './keys.ts';

/**
 * A manual with its generated sections as they are now: what lies between `.\" generated: NAME` and `.\" end`.
 *
 * @throws Error if the manual names a section that does not exist
 */
export function renderManual(manual: string, program: Command): string {
  const all = sections(program);
  return manual.replaceAll(
    /^(\.\\" generated: (.*))\n[\s\S]*?^(\.\\" end)$/gm,
    (_, head: string, name: string, end: string) => {
      const section = all[name];
      if (section === undefined) throw new Error(`manual: unknown section ${name}`);
      return [head, ...section, end].join('\n');
    },
  );
}

function sections(program: Command): Record<string, string[]> {
  const commands = visibleCommands(program);
  const keys = Object.entries(keyTables).map(([name, table]) => [name, renderKeys(table)] as const);
  return {
    synopsis: commands.flatMap(renderSynopsis),
    commands: commands.flatMap(renderCommand),
    'exit status': renderExitStatus(),
    ...Object.fromEntries(keys),
  };
}

function renderSynopsis(command: Command): string[] {
  const options = command.options.map((option) => `.Op ${flag(option)}`);
  const operands = operandsOf(command).map((operand) => `.${operandMacro(operand)}`);
  return ['.Nm', `.Cm ${command.name()}`, ...options, ...operands];
}

function renderCommand(command: Command): string[] {
  const heading = ['.It Cm', command.name(), ...operandsOf(command).map(operandMacro)].join(' ');
  const options = command.options.flatMap((option) => [
    `.It ${flag(option)}`,
    ...prose(`${capital(option.description)}.`),
  ]);
  const list = options.length === 0 ? [] : ['.Bl -tag -width Ds', ...options, '.El'];
  return [heading, ...prose(command.description()), ...list];
}

function operandMacro({ name, required, variadic }: Operand): string {
  return `${required ? '' : 'Op '}Ar ${name}${variadic ? ' ...' : ''}`;
}

/** `Fl -from Ar network` */
function flag({ long, flags }: Option): string {
  const value = /<(.*)>/.exec(flags)?.[1];
  return `Fl ${long?.slice(1)}${value === undefined ? '' : ` Ar ${value}`}`;
}

function renderKeys({ entries, keys }: KeyTable): string[] {
  return Object.entries(keys).flatMap(([key, { default: otherwise, required, text }]) => {
    const type = escapeText(typeOf(entries[key]).replaceAll('`', '')).replaceAll('"', '\\(dq');
    const ending = otherwise === undefined ? '' : ` Default: ${otherwise}.`;
    return [`.It Cm ${key} No = ${type}`, ...prose(`${text}${required === true ? ' Required.' : ending}`)];
  });
}

/** Markdown as mdoc: a line for each sentence; links to sections are their text. */
function prose(text: string): string[] {
  return escapeText(text)
    .replaceAll(/\[([^\]]*)\]\(#[^)]*\)/g, '$1')
    .replaceAll(/`([^`]*)`/g, '\\fB$1\\fP')
    .split(/(?<=\.) (?=[A-Za-z`\\])/);
}

function capital(text: string): string {
  return text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\e');
}
