/** What a channel is called with, for tests: real HTTP to named origins, memory that honours locks, pictures drawn on the spot. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Channel, MediaReader, StepCall, ReleaseContent } from '../../channels/channel.js';
import { filesInFolder } from '../../channels/files.js';
import { memoryInProcess } from '../../channels/memory-in-process.js';
import { recordsInProcess } from '../../channels/records-in-process.js';
import { createOutbound } from '../../channels/outbound.js';

export interface TestGround {
  /** `seq` is 1 and nothing stands, unless told. The door is open and counts. */
  callFor(
    key: string,
    release: ReleaseContent,
    step?: Partial<Pick<StepCall, 'seq' | 'lane' | 'standing' | 'leave'>>,
  ): StepCall;
  /** How often something asked to leave. */
  left(): number;
  /** The loss of Redis: its memory is empty, the records stay. */
  loseMemory(): void;
  hubUrl: string;
  close(): Promise<void>;
}

/** A hub for one channel: its public face on loopback, and leave to reach it and the sandbox. */
export async function openGround(channel: Channel, origins: string[]): Promise<TestGround> {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-channel-'));
  const files = filesInFolder(folder);
  const memory = memoryInProcess();
  const records = recordsInProcess();
  let left = 0;
  const media: MediaReader = {
    async read(hash) {
      const background = `#${hash.slice(0, 6)}`;
      const bytes = await sharp({ create: { width: 320, height: 200, channels: 3, background } })
        .jpeg()
        .toBuffer();
      return { bytes, mime: 'image/jpeg', width: 320, height: 200 };
    },
  };
  const hub: Server = createServer((incoming, outgoing) => {
    void (async () => {
      const url = new URL(incoming.url ?? '/', 'http://hub');
      const face = channel.publicFace;
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(part as Buffer);
      const answer =
        face && url.pathname.startsWith(`${face.at}/`)
          ? await face.handle({
              method: incoming.method ?? 'GET',
              query: url.searchParams,
              headers: incoming.headers as Record<string, string>,
              body: Buffer.concat(parts),
              path: decodeURIComponent(url.pathname.slice(face.at.length)),
              files,
              folder,
              hubUrl,
              memory,
              records,
              media,
              http,
              frozen: () => Promise.resolve(false),
            })
          : { status: 404, headers: {}, body: '' };
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    })().catch((error: unknown) => {
      outgoing.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((done) => {
    hub.listen(0, '127.0.0.1', done);
  });
  const hubUrl = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
  const http = createOutbound([hubUrl, ...origins]);
  return {
    hubUrl,
    left: () => left,
    loseMemory: () => {
      memory.clear();
    },
    callFor: (key, release, step = {}) => ({
      key,
      seq: 1,
      lane: 'routine',
      standing: [],
      leave() {
        left += 1;
        return Promise.resolve();
      },
      ...step,
      release,
      http,
      memory,
      records,
      files,
      folder,
      hubUrl,
      signal: AbortSignal.timeout(20_000),
      now: () => new Date(),
      media,
    }),
    async close() {
      await http.close();
      hub.closeAllConnections();
      await new Promise((done) => {
        hub.close(done);
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function specimenRelease(words: string, pictures = 1): ReleaseContent {
  const hash = createHash('sha256').update(words).digest('hex');
  const list = Array.from({ length: pictures }, (_, place) => ({
    hash: createHash('sha256').update(`${words}${place}`).digest('hex'),
    alt: `图 ${place + 1}`,
    width: 320,
    height: 200,
  }));
  return {
    release: `r${hash.slice(0, 12)}`,
    revision: `v${hash.slice(0, 12)}`,
    kind: 'notice',
    language: 'zh-Hans',
    title: `关于${words}的通知`,
    summary: `${words}安排如下。`,
    body: `<p>自2026年12月1日起，${words}安排如下：</p>${list.map((picture) => `<figure><img src="media:${picture.hash}" alt="${picture.alt}"><figcaption>${picture.alt}</figcaption></figure>`).join('')}<p>咨询电话 12345，<a href="https://service.example/guide">办事指南</a>。</p>`,
    source: '示例市人民政府办公室',
    columns: ['通知公告'],
    keywords: [],
    signedAt: new Date(),
    cover: list[0]?.hash,
    pictures: list,
    attachments: [],
  };
}
