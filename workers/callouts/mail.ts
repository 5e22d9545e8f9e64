/** By mail, through the one server that an operator has set. Each delivery has one Message-ID, whatever is tried again. */
import { connect, isIP, type Socket } from 'node:net';
import nodemailer from 'nodemailer';
import { guardedLookup, isInnerAddress } from '../../channels/outbound.js';
import type { Outcome } from '../../core/callouts/protocol.js';
import type { Letter } from '../../core/callouts/words.js';
import type { CalloutSettings } from '../../core/model/callout.js';

/** ms for each step of the conversation. */
const patience = 15_000;

export interface MailServer {
  settings: NonNullable<CalloutSettings['mail']>;
  password: string | undefined;
  /** Origins with inner addresses that may be reached; a mail server is named by host and port. */
  allowInner: readonly string[];
}

export async function sendMail(
  { settings, password, allowInner }: MailServer,
  { to, key, letter }: { to: string; key: string; letter: Letter },
): Promise<Outcome> {
  const { host, port, secure, from, user } = settings;
  let isRefusedByUs = false;
  const transport = nodemailer.createTransport({
    host,
    port,
    secure,
    // Names and passwords never cross the net in the clear.
    requireTLS: user !== undefined && !secure,
    connectionTimeout: patience,
    greetingTimeout: patience,
    socketTimeout: patience,
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    getSocket(_, callback) {
      reach({ host, port }, allowInner).then(
        (socket) => {
          callback(null, { connection: socket });
        },
        (error: unknown) => {
          isRefusedByUs = error instanceof InnerAddress;
          callback(error instanceof Error ? error : new Error(String(error)));
        },
      );
    },
  });
  const domain = /@([^@>\s]+)>?$/.exec(from)?.[1] ?? host;
  try {
    const { response } = await transport.sendMail({
      from,
      to: { name: '', address: to },
      subject: letter.subject,
      text: letter.text,
      messageId: `<${key}@${domain}>`,
      // Nobody's holiday note answers a machine (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return { is: 'accepted', platform: { code: response.slice(0, 3), words: response } };
  } catch (error) {
    if (isRefusedByUs) return { is: 'failed', cause: notAllowed, again: false };
    const { responseCode, response } = error as { responseCode?: number; response?: string };
    const isForGood = responseCode !== undefined && responseCode >= 500;
    return {
      is: 'failed',
      again: !isForGood,
      cause: isForGood ? refused : noAnswer,
      ...(responseCode !== undefined && { platform: { code: String(responseCode), words: response ?? '' } }),
    };
  } finally {
    transport.close();
  }
}

class InnerAddress extends Error {}

/** A connection only to where one may go. @throws InnerAddress; what the system says where there is none */
function reach({ host, port }: { host: string; port: number }, allowInner: readonly string[]): Promise<Socket> {
  const isNamed = allowInner.some((origin) => {
    const url = new URL(origin);
    return url.hostname === host && Number(url.port) === port;
  });
  return new Promise((done, fail) => {
    if (!isNamed && isIP(host) && isInnerAddress(host)) {
      fail(new InnerAddress(`${host} is an inner address`));
      return;
    }
    const socket = connect({ host, port, timeout: patience, ...(!isNamed && { lookup: guardedLookup }) });
    socket.once('connect', () => {
      socket.setTimeout(0);
      done(socket);
    });
    socket.once('timeout', () => socket.destroy(new Error('no connection in time')));
    socket.once('error', (error: Error & { reason?: string }) => {
      fail(error.reason === 'not-allowed' ? new InnerAddress(error.message) : error);
    });
  });
}

const refused = { zh: '邮件服务器拒收。', en: 'the mail server refused it.' };
const noAnswer = { zh: '邮件服务器没有应答，或暂时不收。', en: 'the mail server did not answer, or takes none now.' };
const notAllowed = {
  zh: '邮件服务器在内网，请运维把 http://主机:端口 列入 LIANFA_ALLOW_INNER。',
  en: 'the mail server has an inner address; operations names it in LIANFA_ALLOW_INNER as http://host:port.',
};
