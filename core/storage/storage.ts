/** Where the files lie that several processes share: media, and what channels show. */
import { filesInFolder, type Files } from '../../channels/files.js';
import { filesInBucket } from './bucket.js';
import type { StoragePlace } from './place.js';
import { openRequests } from './requests.js';

export interface Storage {
  /** Named as in the data folder: `media/…`, `channels/<name>/…`. */
  files: Files;
  close(): Promise<void>;
}

/** A bucket where one is named, else the data folder. The storage may be away; `report` hears of it. */
export function openStorage(
  { storage, dataFolder }: { storage: StoragePlace | undefined; dataFolder: string },
  report: (error: unknown) => void,
): Storage {
  if (!storage) return { files: filesInFolder(dataFolder), close: () => Promise.resolve() };
  const requests = openRequests(storage, report);
  return { files: filesInBucket(requests), close: () => requests.close() };
}

/** The media library's part of it. */
export function libraryIn(files: Files): Files {
  return files.under('media', 'hidden');
}

/** A channel's part of it. */
export function filesOfChannel(files: Files, channel: string): Files {
  return files.under(`channels/${channel}`);
}
