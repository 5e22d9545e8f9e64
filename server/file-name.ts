/** File names travel percent-encoded in a header, since a header holds no Chinese. */
import type { Request } from 'express';
import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import { tidyLine } from '../core/text.js';

export const fileNameHeader = z.object({
  'X-File-Name': z.string().optional().describe('percent-encoded UTF-8 / 百分号编码的文件名'),
});

/** @throws LianfaError field_invalid where it is not percent-encoded UTF-8 */
export function fileName(request: Request): string {
  try {
    return tidyLine(decodeURIComponent(request.get('x-file-name') ?? '').slice(-200));
  } catch (error) {
    throw new LianfaError(
      'field_invalid',
      {
        field: 'X-File-Name',
        reason: { zh: '文件名需用百分号编码（UTF-8）。', en: 'the file name must be percent-encoded UTF-8.' },
      },
      { cause: error },
    );
  }
}
