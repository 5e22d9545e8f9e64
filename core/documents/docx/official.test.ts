import { docx, p, r, styled, titleStyle } from '../fixtures/docx.js';
import { readDocx } from './read.js';

const centre = '<w:jc w:val="center"/>';
const right = '<w:jc w:val="right"/>';
const red = '<w:color w:val="FF0000"/><w:sz w:val="72"/>';
const large = '<w:sz w:val="44"/>';
const body =
  p(r('各乡镇人民政府，县直各单位：')) +
  p(r('为加强冬季供水保障，现将有关事项通知如下。请认真贯彻执行，确保群众用水安全。'));

async function read(inside: string) {
  const { title, number, issuer, html, lost } = await readDocx(docx({ body: inside, styles: titleStyle }), {});
  return { title, number, issuer, html, lost: lost.map(({ kind, name }) => `${kind}:${name}`) };
}

describe('an official document', () => {
  it('gives its title, number and issuer from below the letterhead; marks and letterhead are told', async () => {
    const { html, ...found } = await read(
      p(r('000123')) +
        p(r('特急')) +
        p(r('古 田 县 人 民 政 府 文 件', red), centre) +
        p(r('古政〔2026〕12号'), centre) +
        p(r('古田县人民政府', large), centre) +
        p(r('关于印发《古田县供水条例》的通知', large), centre) +
        body +
        p(r('古田县人民政府'), right) +
        p(r('2026年11月20日'), right),
    );
    expect(found).toEqual({
      title: '古田县人民政府关于印发《古田县供水条例》的通知',
      number: '古政〔2026〕12号',
      issuer: '古田县人民政府',
      lost: ['wordLetterhead:000123', 'wordLetterhead:特急', 'wordLetterhead:古 田 县 人 民 政 府 文 件'],
    });
    expect(html).toMatch(/^<p>各乡镇.*<p class="right">古田县人民政府<\/p><p class="right">2026年11月20日<\/p>$/);
  });

  it('names every issuer of a joint document, and who signs it', async () => {
    const found = await read(
      p(r('古田县水利局', red), centre) +
        p(r('古田县财政局', red), centre) +
        p(r('古水〔2026〕3号　　签发人：张三')) +
        p(r('关于供水的请示', large), centre) +
        body,
    );
    expect(found).toMatchObject({
      title: '关于供水的请示',
      number: '古水〔2026〕3号',
      issuer: '古田县水利局、古田县财政局',
    });
    expect(found.lost).toContain('wordLetterhead:签发人：张三');
  });

  it('takes the issuer from the signature where no letterhead names one', async () => {
    const found = await read(
      p(r('关于供水的通知', large), centre) +
        p(r('（古政办〔2026〕7号）'), centre) +
        body +
        p(r('古田县人民政府办公室'), right) +
        p(r('2026年11月20日'), right),
    );
    expect(found).toMatchObject({
      title: '关于供水的通知',
      number: '古政办〔2026〕7号',
      issuer: '古田县人民政府办公室',
    });
  });

  it('stops at a mark of secrecy', async () => {
    const found = await read(p(r('机密★1年')) + p(r('关于供水的通知', large), centre) + body);
    expect(found.title).toBe('关于供水的通知');
    expect(found.lost).toEqual(['wordSecret:机密★1年']);
  });

  it('does not take 附件1 for a title, and leaves it in the text', async () => {
    const found = await read(p(r('附件1')) + p(r('申请材料清单', large), centre) + body);
    expect(found.title).toBe('申请材料清单');
    expect(found.html).toMatch(/^<p>附件1<\/p>/);
  });

  it.each([
    ['by its style, over several lines', styled('Title', '古田县人民政府') + styled('Title', '关于供水的通知') + body],
    [
      'in the middle',
      p(r('古田县人民政府'), centre) + p(r('关于供水的通知'), centre) + p(r('（2026年11月20日）'), centre) + body,
    ],
    ['by its size', p(r('古田县人民政府关于供水的通知', large)) + body],
    ['by its heading', styled('1', '古田县人民政府关于供水的通知') + body],
    ['as a short first line', p(r('古田县人民政府关于供水的通知')) + body],
  ])('finds a title %s', async (_, inside) => {
    expect((await read(inside)).title).toBe('古田县人民政府关于供水的通知');
  });

  it('takes no title where the text begins at once', async () => {
    expect((await read(body)).title).toBeUndefined();
  });

  it('writes figures of a title in raised and lowered signs', async () => {
    const found = await read(
      p(r('关于CO', large) + r('2', `<w:vertAlign w:val="subscript"/>${large}`) + r('减排的通知', large), centre) +
        body,
    );
    expect(found.title).toBe('关于CO₂减排的通知');
  });
});
