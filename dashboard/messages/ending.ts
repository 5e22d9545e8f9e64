/** How a warning has ended: three different words, the same as the public reads. */
export const zh = {
  lifted: '已解除',
  replaced: '已被取代',
  expired: '已失效',
  until: '原定有效至 {time}',
  by: '见这条预警',
};

export const en: typeof zh = {
  lifted: 'Lifted',
  replaced: 'Replaced',
  expired: 'Expired',
  until: 'it was to hold until {time}',
  by: 'by this warning',
};
