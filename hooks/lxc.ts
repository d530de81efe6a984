import type { ReactionTable } from '../src/model/event.ts';
import { guestReactions } from './guest.ts';

export const lxc: ReactionTable = guestReactions;
