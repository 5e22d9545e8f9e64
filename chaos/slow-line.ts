/** A line that is slow and loses some of what it is given: each packet comes in a VXLAN frame, waits here, and goes on. */
import { createSocket } from 'node:dgram';

export interface SlowLine {
  here: string;
  there: string;
  port: number;
  ms: number;
  /** Of all packets, 0 to 1. */
  loss: number;
}

/** The frames' numbers are the last parts of addresses: of whom it comes from, and here of whom it goes on to. */
export function openSlowLine({ here, there, port, ms, loss }: SlowLine): void {
  const socket = createSocket('udp4');
  socket.on('message', (frame) => {
    if (Math.random() < loss || !readdress(frame)) return;
    setTimeout(() => socket.send(frame, port, there), ms);
  });
  socket.bind(port, here);
}

/** Where Ethernet begins in a VXLAN frame, and IP in that; bytes. */
const ethernet = 8;
const ipv4 = ethernet + 14;
const tcp = 6;

/**
 * Writes into a VXLAN frame whom its packet goes to, and the checksum that the sender's kernel left to its network card.
 * Answers false for what is no IPv4.
 */
export function readdress(frame: Buffer): boolean {
  if (frame.length < ipv4 + 20 || frame.readUInt16BE(ethernet + 12) !== 0x0800) return false;
  frame.writeUIntBE(frame.readUInt8(ipv4 + 19), 4, 3);
  if (frame.readUInt8(ipv4 + 9) === tcp) sumUp(frame);
  return true;
}

/** RFC 9293, 3.1: over the addresses, the protocol, the length, and all of the segment. */
function sumUp(frame: Buffer): void {
  const start = ipv4 + (frame.readUInt8(ipv4) & 15) * 4;
  const end = ipv4 + frame.readUInt16BE(ipv4 + 2);
  frame.writeUInt16BE(0, start + 16);
  let sum = tcp + end - start;
  for (let at = ipv4 + 12; at < ipv4 + 20; at += 2) sum += frame.readUInt16BE(at);
  for (let at = start; at < end; at += 2) sum += at + 1 < end ? frame.readUInt16BE(at) : frame.readUInt8(at) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  frame.writeUInt16BE(~sum & 0xffff, start + 16);
}
