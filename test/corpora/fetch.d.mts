/** @returns the folder that holds the XML files as they lie in the sources */
export function libvirtXml(): string;
