import { readdress } from './slow-line.js';

describe('the slow line', () => {
  /** From host 21 to host 51, one byte of TCP; the checksum is what the kernel leaves to the card. */
  const frame = (): Buffer =>
    Buffer.from(
      [
        '0800000000001500', // VXLAN, from 21
        '020000000033020000000015', // cards
        '0800',
        '4500002900010000400600000a4d00150a4d0033', // IPv4
        '9c4018eb00000001000000025018010012340000', // TCP
        '61',
      ].join(''),
      'hex',
    );

  it('hands a packet on to whom it is for, with the checksum that its receiver asks for', () => {
    const packet = frame();
    expect(readdress(packet)).toBe(true);
    expect(packet.readUIntBE(4, 3)).toBe(51);
    const pseudo = Buffer.concat([packet.subarray(34, 42), Buffer.from([0, 6, 0, 21]), packet.subarray(42)]);
    let sum = 0;
    for (let at = 0; at < pseudo.length; at += 2)
      sum += at + 1 < pseudo.length ? pseudo.readUInt16BE(at) : pseudo.readUInt8(at) << 8;
    // RFC 1071: with its own checksum, the sum of all words is all ones.
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    expect(sum).toBe(0xffff);
  });

  it('drops what is no IPv4', () => {
    const packet = frame();
    packet.writeUInt16BE(0x86dd, 20);
    expect(readdress(packet)).toBe(false);
    expect(readdress(Buffer.alloc(12))).toBe(false);
  });
});
