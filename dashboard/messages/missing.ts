export const zh = { heading: '没有这个页面', todo: '请从导航进入，或返回发布件列表。' };

export const en: typeof zh = {
  heading: 'There is no such page',
  todo: 'Use the navigation, or go back to the releases.',
};
