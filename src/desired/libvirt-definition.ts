import type { Domain } from '../libvirt/domain.ts';
import { readLiveDomain, readPersistentDomain } from '../libvirt/files.ts';
import type { Guest } from '../model/guest.ts';
import { exactKey } from '../model/guest-keys.ts';

/**
 * A guest that Xen runs, with its metadata in libvirt's XML, which may have its policy. While libvirt starts the guest, its
 * live XML is not written yet, and its definition counts.
 *
 * @throws UserError if the XML cannot be read
 */
export async function withDefinition(guest: Guest): Promise<Domain> {
  const live = readLiveDomain(guest);
  const defined = live === undefined ? readPersistentDomain(exactKey(guest)) : undefined;
  const xml = live ?? defined?.xml;
  if (xml === undefined) return { guest };
  const { parseDomain } = await import('../libvirt/domain.ts');
  const { guest: inXml, metadata } = await parseDomain('libxl', xml, guest.name);
  const same = inXml.uuid === undefined || inXml.uuid === guest.uuid;
  return { guest, ...(same && metadata !== undefined && { metadata }) };
}
