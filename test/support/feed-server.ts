/** A server of feeds and alerts inside a test: answers what it is told to, by path, and remembers what it was asked. It knows nothing of who asks. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FeedAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** Breaks off after the body, which says that it is longer. */
  cut?: true;
}

/** `undefined`: no answer at all. */
type Answering = (request: IncomingMessage) => FeedAnswer | undefined | Promise<FeedAnswer | undefined>;

export interface FeedServer {
  url: string;
  /** Requests, oldest first. */
  asked: { path: string; headers: IncomingMessage['headers'] }[];
  serve(path: string, answer: FeedAnswer | Answering): void;
  close(): Promise<void>;
}

export async function openFeedServer(): Promise<FeedServer> {
  const answers = new Map<string, Answering>();
  const asked: FeedServer['asked'] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push({ path, headers: request.headers });
    const answering = answers.get(path) ?? answers.get(path.split('?')[0] ?? '') ?? (() => ({ status: 404 }));
    void Promise.resolve(answering(request)).then((answer) => write(response, answer));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    serve(path, answer) {
      answers.set(path, typeof answer === 'function' ? answer : () => answer);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function write(response: ServerResponse, answer: FeedAnswer | undefined): void {
  if (!answer) return;
  const { status = 200, headers = {}, body = '', cut } = answer;
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'content-type': 'application/atom+xml',
    ...headers,
    ...(status !== 304 && { 'content-length': String(bytes.length + (cut ? 1_000 : 0)) }),
  });
  response.write(status === 304 ? '' : bytes, () => {
    if (cut) response.destroy();
    else response.end();
  });
}
