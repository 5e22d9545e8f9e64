/** The platform's error bodies: code, HTTP status and words as its own table and observed answers have them. */
import type { SandboxAnswer } from '../../sandbox.js';

const words: Readonly<Record<string, string>> = {
  10001: 'System error',
  10002: 'Service unavailable',
  10003: 'Remote service error',
  10004: 'Ip Limit, request ip is not contained in safety ip',
  10005: 'Permission denied, need a high level appkey',
  10006: 'Source paramter (appkey) is missing',
  10007: 'Unsupport mediatype',
  10008: 'Param error, see doc for more info',
  10009: 'Too many pending tasks, system is busy',
  10010: 'Job expired',
  10011: 'RPC error',
  10012: 'Illegal request',
  10013: 'Invalid weibo user',
  10014: 'Insufficient app permissions',
  10016: 'Miss required parameter, see doc for more info',
  10017: 'text not find domain!',
  10018: 'Request body length over limit',
  10020: 'Request api not found',
  10021: 'HTTP method is not suported for this request',
  10022: 'IP requests out of rate limit',
  10023: 'User requests out of rate limit',
  10024: 'User requests for this api out of rate limit',
  10032: 'App is limited',
  20001: 'IDs is null',
  20002: 'Uid parameter is null',
  20003: 'User does not exists',
  20005: 'Unsupported image type, only suport JPG, GIF, PNG',
  20006: 'Image size too large',
  20007: 'Does multipart has image',
  20008: 'Content is null',
  20009: 'IDs is too many',
  20012: 'Text too long, please input text less than 140 characters',
  20013: 'Text too long, please input text less than 300 characters',
  20014: 'Param is error, please try again',
  20015: 'Account or ip or app is illgal, can not continue',
  20016: 'Out of time limit',
  20017: 'Repeat content',
  20018: 'Contain illegal website',
  20019: 'Repeat conetnt',
  20020: 'Contain advertising',
  20021: 'Content is illegal',
  20022: "Your ip's behave in a comic boisterous or unruly manner",
  20031: 'Test and verify',
  20032: 'Update success, while server slow now, please wait 1-2 minutes',
  20049: 'Text too long',
  20101: 'Target weibo does not exist',
  20102: 'Not your own weibo',
  20103: "Can't repost yourself weibo",
  20104: 'Illegal weibo',
  20109: 'Weibo id is null',
  20111: 'Repeated weibo text',
  20201: 'Target weibo comment does not exist',
  20202: 'Illegal comment',
  20203: 'Not your own comment',
  20204: 'Comment id is null',
  20206: 'Author has specified who may comment',
  20207: 'Author lets only trusted users comment',
  21301: 'Auth faild',
  21302: 'Username or password error',
  21303: 'Username and pwd auth out of rate limit',
  21314: 'Token used',
  21315: 'Token expired',
  21316: 'Token revoked',
  21317: 'Token rejected',
  21319: 'Accessor was revoked',
  21321: 'applications over the unaudited use restrictions',
  21322: 'redirect_uri_mismatch',
  21323: 'invalid_request',
  21324: 'invalid_client',
  21325: 'invalid_grant',
  21326: 'unauthorized_client',
  21327: 'expired_token',
  21328: 'unsupported_grant_type',
  21329: 'unsupported_response_type',
  21330: 'access_denied',
  21331: 'temporarily_unavailable',
  21332: 'invalid_access_token',
  21335: 'uid is not the authorized user',
  21337: 'app authorization is limited',
  21602: 'Contain sensitive words',
};

/** Observed: 400 for 10004, 10017 and the grant errors, 403 for 10014. The others are recalled: what is not allowed 403, what is wrong 400. */
function statusOf(code: string): number {
  if (code === '10004' || code === '10016' || code === '10017' || code === '10008') return 400;
  if (code.startsWith('100') || /^213(1[4-9]|27|32)$/.test(code)) return 403;
  return code === '21331' ? 503 : 400;
}

const json = { 'content-type': 'application/json;charset=UTF-8' };

/** `code` may also be an HTTP status (`502`): then a gateway's page without the platform's body is answered. */
export function failure(call: string, code: string, said = words[code] ?? 'unknown error'): SandboxAnswer {
  if (/^[45]\d\d$/.test(code))
    return {
      status: Number(code),
      headers: { 'content-type': 'text/html' },
      body: `<html><head><title>${code}</title></head><body><center><h1>${code}</h1></center><hr><center>WeiBo-LB</center></body></html>`,
    };
  if (call.startsWith('oauth2/'))
    return {
      status: statusOf(code),
      headers: json,
      body: JSON.stringify({
        error: said,
        error_code: Number(code),
        request: `/${call}`,
        error_uri: `/${call}`,
        error_description: said,
      }),
    };
  return {
    status: statusOf(code),
    headers: json,
    body: JSON.stringify({ request: `/2/${call}.json`, error_code: Number(code), error: said }),
  };
}

/** Thrown inside the sandbox, answered as the platform's error body. */
export class Refusal extends Error {
  readonly code: string;
  readonly said: string | undefined;

  constructor(code: string, said?: string) {
    super(code);
    this.code = code;
    this.said = said;
  }
}

export function ok(body: string): SandboxAnswer {
  return { status: 200, headers: json, body };
}
