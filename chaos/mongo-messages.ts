/** Messages of MongoDB's protocol as they lie on the wire, as much as it takes to stand between a driver and its server. */
import type { Socket } from 'node:net';
import mongoose from 'mongoose';

const { BSON } = mongoose.mongo;
const codes = { reply: 1, query: 2004, message: 2013 };

export type Command = Record<string, unknown>;

/** Hands on whole messages, however they are cut into packets. */
export function eachMessage(socket: Socket, take: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const message = rest.subarray(0, rest.readInt32LE(0));
      rest = rest.subarray(message.length);
      take(message);
    }
  });
}

/** Under which number its sender will know the answer. */
export function numberOf(message: Buffer): number {
  return message.readInt32LE(4);
}

/** The number of the message that this one answers. */
export function answers(message: Buffer): number {
  return message.readInt32LE(8);
}

/** The same answer to another message. */
export function answering(message: Buffer, to: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeInt32LE(to, 8);
  return copy;
}

export function commandOf(message: Buffer): { name: string; command: Command } {
  const command = isLegacy(message) ? queried(message) : messaged(message);
  const [name = ''] = Object.keys(command);
  return { name, command };
}

function isLegacy(message: Buffer): boolean {
  return message.readInt32LE(12) === codes.query;
}

/** The first word of a driver that does not know yet whom it has. */
function queried(message: Buffer): Command {
  return BSON.deserialize(message.subarray(message.indexOf(0, 20) + 9));
}

function messaged(message: Buffer): Command {
  const command: Command = {};
  for (let at = 20; at < message.length;) {
    const size = message.readInt32LE(at + 1);
    const section = message.subarray(at + 1, at + 1 + size);
    if (message[at] === 0) Object.assign(command, BSON.deserialize(section));
    else {
      const end = section.indexOf(0, 4);
      command[section.toString('utf8', 4, end)] = documentsIn(section.subarray(end + 1));
    }
    at += 1 + size;
  }
  return command;
}

function documentsIn(bytes: Buffer): Command[] {
  const all: Command[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at))
    all.push(BSON.deserialize(bytes.subarray(at, at + bytes.readInt32LE(at))));
  return all;
}

export function replyTo(message: Buffer, said: Command): Buffer {
  const legacy = isLegacy(message);
  const body = Buffer.from(BSON.serialize(said));
  const head = Buffer.alloc(legacy ? 36 : 21);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(numberOf(message), 8);
  head.writeInt32LE(legacy ? codes.reply : codes.message, 12);
  if (legacy) head.writeInt32LE(1, 32);
  return Buffer.concat([head, body]);
}
