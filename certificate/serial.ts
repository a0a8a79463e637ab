/** Hexadecimal in lower case without leading zeros, so that serials of different tools compare. */
export function normaliseSerial(serial: string): string {
  return serial
    .toLowerCase()
    .replaceAll(":", "")
    .replace(/^0+(?=.)/, "");
}
