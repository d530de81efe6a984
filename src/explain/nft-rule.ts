import type { Json, ListedRule } from '../netfilter/listed-ruleset.ts';
import { fits, keyOf, matches, setNamed } from './nft-match.ts';
import { evaluate, type Scene, type Value } from './nft-value.ts';
import {
  exceptFromTracking,
  next,
  type Outcome,
  redirect,
  translateDestination,
  translateSource,
} from './packet.ts';

/** What a rule of nftables does to this packet: its expressions are asked one after the other. */
export function judgeNftRule({ expressions }: ListedRule, scene: Scene): Outcome {
  let changed: Outcome = next;
  for (const [index, expression] of expressions.entries()) {
    const [kind = '', body] = Object.entries(expression)[0] ?? [];
    const step = judge(kind, body, scene);
    if (step === 'matches') continue;
    if (step === 'fails') return changed;
    if (step === 'unknown') {
      const matters = expressions.slice(index).some(isEffect);
      return matters ? { kind: 'unknown', why: `${kind} cannot be judged here` } : changed;
    }
    if (step.kind !== 'changed') return step;
    changed = step;
  }
  return changed;
}

/** Statements that only watch. Rates are taken to be within their limits, and dynamic sets not to be full. */
const effectless = new Set(['counter', 'log', 'comment', 'quota', 'flow', 'last', 'meter']);
const effects =
  /^(accept|drop|reject|return|jump|goto|dnat|snat|masquerade|redirect|mangle|vmap|xt|queue|tproxy)$/;

function isEffect(expression: Json): boolean {
  return Object.keys(expression).some((kind) => effects.test(kind));
}

type Step = Outcome | 'matches' | 'fails' | 'unknown';

function judge(kind: string, body: unknown, scene: Scene): Step {
  const { packet } = scene;
  if (effectless.has(kind)) return 'matches';
  switch (kind) {
    case 'match': {
      const answer = matches(body as Parameters<typeof matches>[0], scene);
      return answer === undefined ? 'unknown' : answer ? 'matches' : 'fails';
    }
    case 'notrack':
      return exceptFromTracking(packet);
    case 'accept':
    case 'drop':
    case 'reject':
    case 'return':
      return { kind };
    case 'jump':
    case 'goto':
      return { kind, chain: (body as { target: string }).target };
    case 'vmap':
      return verdictMap(body as { key: unknown; data: unknown }, scene);
    case 'limit':
    case 'ct count':
      return (body as { inv?: boolean }).inv === true || isLimitMap(body) ? 'fails' : 'matches';
    case 'set':
      return ((body as { stmt?: Json[] }).stmt ?? []).some((one) => isOver(one)) ? 'fails' : 'matches';
    case 'mangle':
      return mangle(body as { key: unknown; value: unknown }, scene);
    case 'dnat':
    case 'redirect':
      return destination(kind, (body ?? {}) as Translation, scene);
    case 'snat':
    case 'masquerade':
      return source(kind, (body ?? {}) as Translation, scene);
    default:
      return 'unknown';
  }
}

/** `limit name ... map` of limits that count what is over them: within the limit it is no match. */
function isLimitMap(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'map' in body;
}

function isOver(statement: Json): boolean {
  return Object.values(statement).some((one) => (one as { inv?: boolean } | null)?.inv === true);
}

function verdictMap({ key, data }: { key: unknown; data: unknown }, scene: Scene): Step {
  const found = lookUp(key, data, scene);
  if (found === 'unknown') return 'unknown';
  if (found === undefined) return 'fails';
  const [verdict = '', body] = Object.entries(found as Json)[0] ?? [];
  return judge(verdict, body, scene);
}

/** What a map holds for a key: the named one, or that in the rule. */
function lookUp(key: unknown, data: unknown, scene: Scene): unknown {
  const value = evaluate(key, scene);
  if (value === undefined) return 'unknown';
  const named = typeof data === 'string' ? setNamed(data, scene)?.elements : undefined;
  const elements = named ?? (data as { set?: readonly unknown[] } | null)?.set;
  if (elements === undefined) return 'unknown';
  const bits = Array.isArray(value) && value.every((one) => typeof one === 'string') && value.length === 1;
  for (const element of elements) {
    const pattern = keyOf(element, true);
    const fit =
      fits(value, pattern) === true || (bits && fits((value as readonly Value[])[0], pattern) === true);
    if (fit) return (element as readonly unknown[])[1];
  }
  return undefined;
}

function mangle({ key, value }: { key: unknown; value: unknown }, scene: Scene): Step {
  const { meta, ct } = key as { meta?: { key?: string }; ct?: { key?: string } };
  const now = evaluate(value, scene);
  if (ct?.key === 'label') return label(now, scene);
  if (meta?.key !== 'mark' && ct?.key !== 'mark') return 'matches';
  if (ct !== undefined && !scene.packet.followed) return 'matches';
  if (typeof now !== 'number') return 'unknown';
  if (meta?.key === 'mark') scene.packet.mark = now >>> 0;
  else scene.packet.connectionMark = now >>> 0;
  return { kind: 'changed', what: `${meta === undefined ? 'ct ' : ''}mark is 0x${(now >>> 0).toString(16)}` };
}

/** nft sets a label beside those that are set, and says so nowhere else. */
function label(value: Value, { packet }: Scene): Step {
  if (!packet.followed) return 'matches';
  if (typeof value !== 'number') return 'unknown';
  packet.connectionLabels = [...packet.connectionLabels, value];
  return 'matches';
}

interface Translation {
  readonly addr?: unknown;
  readonly port?: unknown;
}

/** An address, or what a map says; with a port behind it, if there is one. Nothing in the map: no match. */
function translationOf(
  { addr, port }: Translation,
  scene: Scene,
): { address?: string; port?: number } | 'fails' | 'unknown' {
  const map = (addr as { map?: { key: unknown; data: unknown } } | null)?.map;
  const found = map === undefined ? addr : lookUp(map.key, map.data, scene);
  if (map !== undefined && found === undefined) return 'fails';
  const parts = listOf(found) ?? [found, port];
  const [address, number] = parts;
  if (number !== undefined && typeof number !== 'number') return 'unknown';
  if (address !== undefined && typeof address !== 'string') return 'unknown';
  if (address === 'unknown') return 'unknown';
  return { ...(address !== undefined && { address }), ...(number !== undefined && { port: number }) };
}

/** An address and a port in a row. */
function listOf(found: unknown): readonly unknown[] | undefined {
  if (typeof found !== 'object' || found === null || !Object.hasOwn(found, 'concat')) return undefined;
  return (found as { concat: readonly unknown[] }).concat;
}

function destination(kind: 'dnat' | 'redirect', body: Translation, scene: Scene): Step {
  const { packet } = scene;
  const to = translationOf(body, scene);
  if (typeof to === 'string') return to;
  if (kind === 'redirect') return redirect(packet, to.port ?? packet.port, scene.surroundings);
  return translateDestination(packet, to.address ?? packet.destination, to.port ?? packet.port);
}

function source(kind: 'snat' | 'masquerade', body: Translation, scene: Scene): Step {
  // Which port it takes decides nothing here.
  if (kind === 'masquerade') return translateSource(scene.packet, `an address of ${scene.packet.output}`);
  const to = translationOf(body, scene);
  return typeof to === 'string' ? to : translateSource(scene.packet, to.address ?? scene.packet.source);
}
