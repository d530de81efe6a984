/** What judgements of traces need to know besides them. */
export interface HostKnowledge {
  /** guestgate's bit of `ct mark`. */
  readonly mark: number;
  /** The global settings of forwarding are another check's. */
  readonly forwardingIsOff: boolean;
  /** 0 none, 1 strict, 2 loose. */
  readonly rpFilter: (name: string) => number;
  /** Entries that are missing are another check's: then it is no wonder that packets are not translated. */
  readonly rulesDiffer: boolean;
}
