import { openTestServer } from '../test/support/http.js';

const fault = (name: string, code?: number): Error => Object.assign(new Error('not now'), { name, code });

it.each([
  ['its connections were cut', fault('MongoPoolClearedError')],
  ['its primary has stepped down', fault('MongoServerError', 10_107)],
  ['a member is shutting down', fault('MongoServerError', 91)],
])('asks to come again, and logs it once, where the store cannot answer because %s', async (_, error) => {
  const queries = { status: () => Promise.reject(error) };
  const server = await openTestServer({ services: { queries: queries as never } });
  const { body } = await server.call('POST', '/api/v1/releases', {
    json: { title: '甲', source: '乙', body: { format: 'text', content: '丙' } },
  });
  const { release } = body as { release: { id: string } };
  for (let times = 0; times < 5; times += 1)
    expect(await server.call('GET', `/api/v1/releases/${release.id}/status`)).toMatchObject({
      status: 503,
      body: { error: { code: 'store_unavailable' } },
    });
  expect(server.log).toHaveLength(1);
  await server.close();
});
