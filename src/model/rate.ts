/** How many new connections, or packets, are admitted in a time, from all sources together. */
export interface Rate {
  readonly connections: number;
  readonly per: 'second' | 'minute' | 'hour';
}
