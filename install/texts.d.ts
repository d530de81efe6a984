/** Texts that the build puts into the program as they are. */
declare module '*.sh' {
  const text: string;
  export default text;
}
declare module '*.hook' {
  const text: string;
  export default text;
}
declare module '*/vif-guestgate' {
  const text: string;
  export default text;
}
declare module '*.preset' {
  const text: string;
  export default text;
}
declare module '*.service' {
  const text: string;
  export default text;
}
declare module '*.path' {
  const text: string;
  export default text;
}
declare module '*.8' {
  const text: string;
  export default text;
}
declare module '*.5' {
  const text: string;
  export default text;
}
declare module '*.bash' {
  const text: string;
  export default text;
}
declare module '*.fish' {
  const text: string;
  export default text;
}
declare module '*/_guestgate' {
  const text: string;
  export default text;
}
declare module '*.timer' {
  const text: string;
  export default text;
}
