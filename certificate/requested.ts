/** What is asked of an authority, as far as it makes a request another one. */
export interface Requested {
  directory: string;
  accountUrl: string;
  names: readonly string[];
  keyType: string;
  profile?: string | undefined;
  renewalTrigger?: string | undefined;
}

/** The same for the same request; it is kept in the state. */
export function requestKey(requested: Requested): string {
  const { directory, accountUrl, names, keyType, profile, renewalTrigger } = requested;
  const always = [directory, accountUrl, [...names].sort(), keyType, profile];
  return JSON.stringify(renewalTrigger === undefined ? always : [...always, renewalTrigger]);
}
