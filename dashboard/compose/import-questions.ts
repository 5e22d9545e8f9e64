import type { ApiError } from '../api';

/** Whether the hub asks something before it takes a document, rather than refusing it. */
export const isQuestion = ({ code }: ApiError): boolean =>
  code === 'document_tracked' || code === 'document_incomplete';
