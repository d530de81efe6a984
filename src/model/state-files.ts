import { paths } from './paths.ts';

/** Every file, and every folder of files, of the state. docs/reference/files.md has what each holds. */
export const stateFiles = {
  records: inState('guests'),
  leases: inState('leases'),
  ended: inState('ended'),
  local: inState('local'),
  namespaces: inState('namespaces'),
  host: inState('host.json'),
  uplinks: inState('uplinks.json'),
  journal: inState('journal.json'),
  claims: inState('claims'),
  requests: inState('requests'),
  policies: inState('policies'),
  needed: inState('needed.json'),
  backend: inState('backend.json'),
  called: inState('called'),
  calls: inState('calls'),
  events: inState('events'),
  failures: inState('failures'),
  repairs: inState('repairs'),
  unreadable: inState('unreadable'),
  lock: inState('lock'),
  configurationLock: inState('configuration-lock'),
  parsing: inState('parsing'),
  asking: inState('asking'),
  follower: inState('follower'),
  retry: inState('retry'),
  watcher: inState('watcher'),
} as const;

/** What earlier versions wrote in place of some of these. */
export const earlierStateFiles = {
  backend: inState('backend'),
  ip6: inState('ip6'),
  bridge: inState('vifs-bridge'),
  inet: inState('vifs-inet'),
} as const;

function inState(name: string): string {
  return `${paths.state}/${name}`;
}
