import { recordName } from '../model/guest.ts';
import type { Request } from './request.ts';

/** The name of the record of a request's guest. */
export function nameOf(request: Request): string {
  switch (request.kind) {
    case 'apply':
      return recordName(request.desired.guest);
    case 'remove':
      return recordName(request.guest);
    case 'refresh':
      return request.record;
  }
}
