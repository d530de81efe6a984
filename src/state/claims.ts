import { join } from 'node:path';
import type { AnyClaim } from '../model/claim.ts';
import { isIdentity, isPortClaim } from '../model/element-claims.ts';
import { neighbourhoods, neighbourhoodsToSearch } from '../model/neighbourhood.ts';
import { isProtocol, parsePorts } from '../model/port.ts';
import { stateFiles } from '../model/state-files.ts';
import { readFolder, readText, removeFile, writeWhole } from '../system/files.ts';

/*
 * Who holds which port: an index over the records, so that an event need not read all of them, a file for each
 * neighbourhood. It is written before the kernel is changed and
 * shortened after, so it holds at least what the records do: before a claim is refused, the holder's
 * record is read.
 */

/** A claim and its holder's record name. */
export interface IndexedClaim {
  readonly claim: AnyClaim;
  readonly holder: string;
}

const folder = stateFiles.claims;

/**
 * What others than `holder` hold in the neighbourhood of these claims; undefined where a file of the index is damaged: then
 * the records tell.
 */
export function readClaims(claims: readonly AnyClaim[], holder: string): IndexedClaim[] | undefined {
  let existing: readonly string[] | undefined;
  const listed = () => {
    existing ??= readFolder(folder);
    return existing;
  };
  const names = new Set(claims.flatMap((claim) => neighbourhoodsToSearch(claim, listed)));
  const found = [...names].map(readFile);
  if (found.includes(undefined)) return undefined;
  return found.flatMap((indexed) => indexed ?? []).filter((indexed) => indexed.holder !== holder);
}

/** Replaces what `holder` holds. */
export function replaceClaims(holder: string, before: readonly AnyClaim[], after: readonly AnyClaim[]): void {
  const byName = new Map<string, string[]>(before.flatMap(neighbourhoods).map((name) => [name, []]));
  addLines(
    byName,
    after.map((claim) => ({ claim, holder })),
  );
  for (const [name, lines] of byName) {
    const text = textOf(name) ?? '';
    const others = text.split('\n').filter((line) => line !== '' && !line.endsWith(` ${holder}`));
    writeFile(name, text, [...others, ...lines]);
  }
}

/** Rewrites the index. */
export function rebuildClaims(all: readonly IndexedClaim[]): void {
  const files = new Map<string, string[]>();
  addLines(files, all);
  for (const name of readFolder(folder)) if (!files.has(name)) removeFile(join(folder, name));
  for (const [name, lines] of files) writeFile(name, undefined, lines);
}

function addLines(files: Map<string, string[]>, claims: readonly IndexedClaim[]): void {
  for (const { claim, holder } of claims) {
    for (const name of neighbourhoods(claim)) {
      const lines = files.get(name);
      if (lines === undefined) files.set(name, [render(claim, holder)]);
      else lines.push(render(claim, holder));
    }
  }
}

function writeFile(name: string, before: string | undefined, lines: readonly string[]): void {
  const text = lines.map((line) => `${line}\n`).join('');
  if (text === '') removeFile(join(folder, name));
  else if (text !== before) writeWhole(join(folder, name), text);
}

/** `tcp 8443-8443 203.0.113.10 qemu-web`, `address 203.0.113.12 qemu-mail`, `identity 192.168.122.41 qemu-web`. */
function render(claim: AnyClaim, holder: string): string {
  if (isIdentity(claim)) return `identity ${claim.identity} ${holder}`;
  if (!isPortClaim(claim)) return `address ${claim.host} ${holder}`;
  return `${claim.protocol} ${claim.ports.first}-${claim.ports.last} ${claim.host} ${holder}`;
}

/** @returns undefined if it cannot be read, or holds what is no claim */
function readFile(name: string): IndexedClaim[] | undefined {
  const text = textOf(name);
  if (text === undefined) return undefined;
  const lines = text.split('\n').filter((line) => line !== '');
  const claims = lines.flatMap((line) => parse(line) ?? []);
  return claims.length === lines.length ? claims : undefined;
}

/** Empty where there is none; undefined where it cannot be read. */
function textOf(name: string): string | undefined {
  try {
    return readText(join(folder, name)) ?? '';
  } catch {
    return undefined;
  }
}

function parse(line: string): IndexedClaim | undefined {
  const [protocol = '', second = '', third = '', fourth] = line.split(' ');
  if (protocol === 'identity') return { claim: { identity: second }, holder: third };
  if (protocol === 'address') return { claim: { host: second }, holder: third };
  const ports = parsePorts(second);
  if (!isProtocol(protocol) || ports === undefined || fourth === undefined) return undefined;
  return { claim: { host: third, protocol, ports }, holder: fourth };
}
