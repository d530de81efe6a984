import type { Lab, LabGuest } from '../support/lab.ts';
import { ask, type Probe } from './probes.ts';

/*
 * Whom a guest may speak with, beside each back end: "web" (guest1) has a policy, "plain" (guest3) is its neighbour. In both families.
 */

/** How a family is asked. */
export interface AccessWay {
  readonly own: (guest: LabGuest) => string;
  readonly client: string;
  readonly public: string;
  readonly gateway: string;
  /** An address that the guest took for itself. */
  readonly taken: string;
}

export const accessKinds = ['open', 'antispoof', 'inbound', 'host', 'none'] as const;
type AccessKind = (typeof accessKinds)[number];

export function accessPolicy(kind: AccessKind, web: LabGuest): string {
  const forward = kind === 'none' ? '' : 'forward = ["8080:80"]\n';
  const own = {
    open: '',
    antispoof: 'antispoof = true\n',
    inbound: 'access = "inbound"\negress = ["443/tcp"]\n',
    host: 'access = "host"\n',
    none: 'access = "none"\n',
  };
  return `[guest.web]\naddress = ["${web.address}", "${web.address6}"]\n${forward}${own[kind]}`;
}

/** What is asked, and who answers where nothing is confined. */
function questions(way: AccessWay, web: LabGuest, plain: LabGuest) {
  const one = (from: string, address: string, port: number, answer: string, source?: string) => ({
    probe: { from, address, port, ...(source !== undefined && { source }) } satisfies Probe,
    answer,
  });
  return {
    'a forward': one('client', way.public, 8080, `guest1 sees ${way.client}`),
    'the host to it': one('host', way.own(web), 22, `guest1 sees ${way.gateway}`),
    'to a neighbour': one('guest1', way.own(plain), 80, `guest3 sees ${way.own(web)}`),
    'a neighbour to it': one('guest3', way.own(web), 22, `guest1 sees ${way.own(plain)}`),
    'to the outside': one('guest1', way.client, 80, `client sees ${way.public}`),
    'to the outside, in egress': one('guest1', way.client, 443, `client sees ${way.public}`),
    'with an address that is not its own': one(
      'guest1',
      way.client,
      22,
      `client sees ${way.public}`,
      way.taken,
    ),
  };
}

type Question = keyof ReturnType<typeof questions>;

/** What passes; everything does while the guest is open. */
const passes: Record<Exclude<AccessKind, 'open'>, (question: Question) => boolean> = {
  antispoof: (question) => question !== 'with an address that is not its own',
  inbound: (question) => ['a forward', 'the host to it', 'to the outside, in egress'].includes(question),
  host: (question) => question === 'the host to it',
  none: () => false,
};

/** The answers, and those that the policy allows. */
export function askAccess(
  lab: Lab,
  kind: AccessKind,
  ways: readonly AccessWay[],
  [web, plain]: readonly [LabGuest, LabGuest],
) {
  const all = ways.flatMap((way, at) =>
    Object.entries(questions(way, web, plain)).map(
      ([question, asked]) =>
        [`${at === 0 ? 'IPv4' : 'IPv6'}: ${question}`, question as Question, asked] as const,
    ),
  );
  const found = ask(lab, Object.fromEntries(all.map(([name, , { probe }]) => [name, probe])));
  const expected = Object.fromEntries(
    all.map(([name, question, { answer }]) => [
      name,
      kind === 'open' || passes[kind](question) ? answer : 'nobody',
    ]),
  );
  return { found, expected };
}
