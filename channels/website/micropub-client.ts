/** The calls of Micropub (W3C Recommendation, 23 May 2017) that publishing needs. */
import { FormData } from 'undici';
import { z } from 'zod';
import type { Call } from '../channel.js';
import { TransportError, type OutboundAnswer, type OutboundOptions } from '../outbound.js';
import { MicropubError, MicropubSilence, NoToken, StrangeAnswer, header, type MicropubCall } from './errors.js';

const configSchema = z.object({ 'media-endpoint': z.string().optional() }).loose();
const sourceSchema = z.object({ properties: z.record(z.string(), z.array(z.unknown())) }).loose();
const listSchema = z.object({ items: z.array(sourceSchema) }).loose();

export type Properties = Record<string, unknown[]>;

/** What a site holds under an address: `never` where it plainly says that there is nothing, `gone` where there is nothing any more. */
export type Source = { known: true; properties: Properties } | { known: false; why: 'never' | 'gone' | 'unsaid' };

export class MicropubClient {
  private readonly endpoint: string;
  private readonly token: string;
  private readonly call: Call;

  constructor(endpoint: string, token: string | undefined, call: Call) {
    if (token === undefined) throw new NoToken('the account has no token');
    this.endpoint = endpoint;
    this.token = token;
    this.call = call;
  }

  /** @returns the media endpoint, if the site has one */
  async config(): Promise<string | undefined> {
    const answer = await this.get('config', { q: 'config' });
    const config = configSchema.safeParse(parsed(answer));
    if (!config.success)
      throw new StrangeAnswer('config', { code: String(answer.status), words: answer.text().slice(0, 300) });
    const media = config.data['media-endpoint'];
    return media === undefined ? undefined : new URL(media, this.endpoint).href;
  }

  async source(url: string): Promise<Source> {
    try {
      const answer = await this.get('source', { q: 'source', url });
      const source = sourceSchema.safeParse(parsed(answer));
      return source.success ? { known: true, properties: source.data.properties } : { known: false, why: 'unsaid' };
    } catch (error) {
      if (!(error instanceof MicropubError)) throw error;
      if (error.status === 404) return { known: false, why: 'never' };
      if (error.status === 410) return { known: false, why: 'gone' };
      // The Recommendation's own example of an unknown address is 400 invalid_request, which is also a server without this query.
      if (error.status === 400)
        return {
          known: false,
          why: /not.?found|no such|does not exist|no post|unknown (post|url)|不存在/i.test(error.platform.words)
            ? 'never'
            : 'unsaid',
        };
      throw error;
    }
  }

  /** The newest posts, where the site can list them (an extension); undefined where it cannot. */
  async newest(): Promise<Properties[] | undefined> {
    try {
      const list = listSchema.safeParse(parsed(await this.get('source', { q: 'source', limit: '50' })));
      return list.success ? list.data.items.map(({ properties }) => properties) : undefined;
    } catch (error) {
      if (
        error instanceof MicropubError &&
        error.status < 500 &&
        error.status !== 401 &&
        error.status !== 403 &&
        error.status !== 429
      )
        return undefined;
      throw error;
    }
  }

  /** @returns the address, and whether it can be read already */
  async create(properties: Properties): Promise<{ url: string; ready: boolean; status: number }> {
    const answer = await this.post('create', { type: ['h-entry'], properties });
    const location = header(answer, 'location');
    if ((answer.status !== 201 && answer.status !== 202) || !location || !URL.canParse(location, this.endpoint)) {
      throw new StrangeAnswer('create', {
        code: String(answer.status),
        words: `no usable Location: ${location ?? ''}`,
      });
    }
    return { url: new URL(location, this.endpoint).href, ready: answer.status === 201, status: answer.status };
  }

  /** @returns the address, which may be a new one */
  async update(url: string, change: { replace: Properties; delete?: string[] }): Promise<string> {
    const answer = await this.post('update', { action: 'update', url, ...change });
    const location = header(answer, 'location');
    return location && URL.canParse(location, this.endpoint) ? new URL(location, this.endpoint).href : url;
  }

  async remove(url: string): Promise<void> {
    await this.post('delete', { action: 'delete', url });
  }

  /** @returns the file's address */
  async upload(endpoint: string, file: { name: string; mime: string; bytes: Buffer }): Promise<string> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(file.bytes)], { type: file.mime }), file.name);
    const answer = await this.ask('media', endpoint, { method: 'POST', body: form, timeout: 60_000 });
    const location = header(answer, 'location');
    if (!location || !URL.canParse(location, endpoint))
      throw new StrangeAnswer('media', { code: String(answer.status), words: 'no Location for the file' });
    return new URL(location, endpoint).href;
  }

  private get(call: MicropubCall, query: Record<string, string>): Promise<OutboundAnswer> {
    const url = new URL(this.endpoint);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return this.ask(call, url.href, {});
  }

  private post(call: MicropubCall, body: unknown): Promise<OutboundAnswer> {
    return this.ask(call, this.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      timeout: 30_000,
    });
  }

  private async ask(call: MicropubCall, url: string, options: OutboundOptions): Promise<OutboundAnswer> {
    let answer: OutboundAnswer;
    try {
      // A media endpoint on another host gets the token, too: the site names it, and the protocol wants it so.
      answer = await this.call.http.request(url, {
        ...options,
        signal: this.call.signal,
        headers: { accept: 'application/json', authorization: `Bearer ${this.token}`, ...options.headers },
      });
    } catch (error) {
      throw error instanceof TransportError ? new MicropubSilence(call, error) : error;
    }
    if (answer.status < 200 || answer.status > 299) throw new MicropubError(call, answer);
    return answer;
  }
}

function parsed(answer: OutboundAnswer): unknown {
  try {
    return JSON.parse(answer.text());
  } catch {
    return undefined;
  }
}
