export const zh = {
  heading: '公文信息',
  index: '索引号',
  number: '发文字号',
  numberHint: '如：示政办发〔2026〕18号',
  issuer: '发文机关',
  signed: '成文日期',
  validity: '有效性',
  topic: '主题分类',
  keywords: '主题词',
};

export const en: typeof zh = {
  heading: 'Public document',
  index: 'Index number',
  number: 'Document number',
  numberHint: 'For example: 示政办发〔2026〕18号',
  issuer: 'Issuing body',
  signed: 'Date signed',
  validity: 'Validity',
  topic: 'Topic',
  keywords: 'Subject words',
};
