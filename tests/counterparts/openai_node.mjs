// The library `openai` of npm as a client of `pinx serve`: a line of JSON in, a line out. It is run in
// the directory that holds its `node_modules`.

import assert from 'node:assert';
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(process.cwd() + '/');
const OpenAI = require('openai');

const MODEL = 'openai/gpt-image-2';
const client = base => new OpenAI({ baseURL: base + '/v1', apiKey: 'none' });
const isPng = text => Buffer.from(text, 'base64').subarray(1, 4).toString() === 'PNG';

function pictures(answer, count) {
  assert.equal(answer.data.length, count);
  for (const image of answer.data) assert(isPng(image.b64_json));
}

async function raised(call) {
  try {
    await call();
    return { error: null };
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
    const { status, code, param } = error;
    return { error: error.constructor.name, status, code, param };
  }
}

async function all(stream) {
  const events = [];
  for await (const event of await stream) events.push(event);
  return events;
}

const actions = {
  async usual(base, picture) {
    const { images, models } = client(base);
    const ids = (await models.list()).data.map(model => model.id);
    assert(ids.includes('auto') && ids.includes(MODEL));
    assert.equal((await models.retrieve(MODEL)).id, MODEL);
    const asked = { model: MODEL, prompt: 'an owl', quality: 'low' };
    const made = await images.generate({ ...asked, n: 2, size: '512x512' });
    pictures(made, 2);
    assert(made.usage.total_tokens > 0);
    const linked = await images.generate({ ...asked, response_format: 'url', style: 'vivid' });
    assert((await fetch(linked.data[0].url)).ok);
    const file = () => createReadStream(picture);
    pictures(await images.edit({ ...asked, image: file() }), 1);
    pictures(await images.edit({ ...asked, image: [file(), file()] }), 1);
    const edited = await all(images.edit({ ...asked, image: file(), stream: true }));
    assert.deepEqual(edited.map(event => event.type), ['image_edit.completed']);
    const events = await all(images.generate({ ...asked, stream: true, partial_images: 1 }));
    const last = events.at(-1);
    assert.equal(last.type, 'image_generation.completed');
    assert(last.usage.total_tokens > 0 && isPng(last.b64_json));
    return null;
  },
  async errors(base) {
    const { images } = client(base);
    const ask = more => raised(() => images.generate({ prompt: 'x', model: MODEL, ...more }));
    return [
      await ask({ model: 'gpt-imaje-2' }),
      await ask({ size: 'huge' }),
      await ask({ n: 9 }),
      await ask({ model: 'fal/flux-schnell' }),
      await ask({ max_cost: 0.001 }),
      await ask({ prompt: 'x'.repeat(2 << 20) }),
    ];
  },
  fault: base => raised(() => client(base).images.generate({ model: MODEL, prompt: 'x' })),
  stream_fault: base =>
    raised(() => all(client(base).images.generate({ model: MODEL, prompt: 'x', stream: true }))),
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  console.log(JSON.stringify(await actions[asked.do](asked.base, asked.picture)));
}
