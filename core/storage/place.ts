/** How `STORAGE_URL` names a bucket: by the address under which its objects lie. */
import { z } from 'zod';

/** Where the files of a hub lie that several machines share. */
export interface StoragePlace {
  /** Without a closing slash: `https://minio.example:9000/lianfa`, or `https://lianfa.oss-cn-beijing.aliyuncs.com`. Objects lie below. */
  address: string;
  /** As the signature names it. */
  region: string;
  accessKey: string;
  secretKey: string;
  /** A file with the authority that has signed the server's certificate, where no public one has. */
  caFile: string | undefined;
}

/** Bucket in the path or in the host's name, either way as it stands: nothing is guessed. */
export const storageAddress = z.string().transform((text, context): Pick<StoragePlace, 'address' | 'region'> => {
  const wrong = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    return wrong(
      '请写 https://主机/桶，或 https://桶.主机。 Write https://HOST/BUCKET, or https://BUCKET.HOST where the bucket stands in the name.',
    );
  if (url.username || url.password)
    return wrong(
      '密钥请写在 STORAGE_ACCESS_KEY 和 STORAGE_SECRET_KEY，不要写在地址里。 Keys stand in STORAGE_ACCESS_KEY and STORAGE_SECRET_KEY, not in the address.',
    );
  const other = [...url.searchParams.keys()].find((name) => name !== 'region');
  if (other !== undefined || url.hash)
    return wrong(`地址里只能带 ?region=。 Only ?region= may stand behind the address, not ${other ?? url.hash}.`);
  if (!/^(?:\/[\w.-]+)*\/?$/.test(url.pathname))
    return wrong('桶名和前缀只能用字母、数字、“.”“_”“-”。 Bucket and prefix: letters, digits, ".", "_" and "-".');
  return {
    address: `${url.origin}${url.pathname.replace(/\/$/, '')}`,
    region: url.searchParams.get('region') ?? 'us-east-1',
  };
});
