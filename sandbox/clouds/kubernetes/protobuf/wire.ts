/** The protobuf wire format: https://protobuf.dev/programming-guides/encoding/ */

export interface WireField {
  number: number;
  /** A varint as a number, bytes otherwise. */
  value: number | Buffer;
}

/** The fields of a message in their order. Throws RangeError on bytes that are none. */
export function readFields(bytes: Buffer): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new RangeError("a varint is longer than 10 bytes");
  };
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > bytes.length)
      throw new RangeError("a field ends after its message");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        fields.push({ number, value: varint() });
        break;
      case 1:
        fields.push({ number, value: take(8) });
        break;
      case 2:
        fields.push({ number, value: take(varint()) });
        break;
      case 5:
        fields.push({ number, value: take(4) });
        break;
      default:
        throw new RangeError(`wire type ${tag & 7} is not known`);
    }
  }
  return fields;
}

function writeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** One field; a string or a message is length-delimited, a number or boolean is a varint. */
export function writeField(number: number, value: string | Buffer | number | boolean): Buffer {
  if (typeof value === "number" || typeof value === "boolean") {
    return Buffer.concat([writeVarint(number * 8), writeVarint(Number(value))]);
  }
  const content = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([writeVarint(number * 8 + 2), writeVarint(content.length), content]);
}
