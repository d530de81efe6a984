/* A Xen guest of a lab: plain data, and the nodes that libxl writes of it into xenstore. */

export interface InterfaceChoice {
  readonly ip?: string;
  readonly mac?: string;
  readonly vifname?: string;
  readonly bridge?: string;
  readonly script?: string;
  readonly type?: 'vif' | 'vif_ioemu';
}

export interface Domain {
  readonly id: number;
  readonly name: string;
  readonly uuid: string;
  readonly nics: readonly InterfaceChoice[];
}

/** The same for the same name. */
export function uuidOf(name: string): string {
  return `aaaaaaaa-bbbb-cccc-dddd-${Buffer.from(name).toString('hex').slice(0, 12).padStart(12, '0')}`;
}

export function backend(id: number, index: number): string {
  return `backend/vif/${id}/${index}`;
}

export function macOf(id: number, index = 0): string {
  return `00:16:3e:00:${index.toString(16).padStart(2, '0')}:${id.toString(16).padStart(2, '0')}`;
}

/** Where Xen's vif scripts are. */
export const scripts = '/etc/xen/scripts';

/** The nodes of an interface, by their paths. */
export function nodesOf({ id, nics }: Pick<Domain, 'id' | 'nics'>, index: number): Record<string, string> {
  const {
    ip,
    bridge = 'xenbr0',
    script = 'vif-bridge',
    vifname,
    type = 'vif',
    mac = macOf(id, index),
  } = nics[index] ?? {};
  const path = backend(id, index);
  return {
    [`${path}/frontend`]: `/local/domain/${id}/device/vif/${index}`,
    [`${path}/frontend-id`]: `${id}`,
    [`${path}/script`]: `${scripts}/${script}`,
    [`${path}/mac`]: mac,
    [`${path}/bridge`]: bridge,
    [`${path}/handle`]: `${index}`,
    [`${path}/type`]: type,
    ...(ip !== undefined && { [`${path}/ip`]: ip }),
    ...(vifname !== undefined && { [`${path}/vifname`]: vifname }),
  };
}
