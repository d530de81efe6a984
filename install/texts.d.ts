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
