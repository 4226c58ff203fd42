// The AI SDK (`ai` with `@ai-sdk/openai-compatible`) as a client of `pinx serve`: a line of JSON in, a
// line out. It is run in the directory that holds its `node_modules`.

import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(process.cwd() + '/');
const ai = require('ai');
const { createOpenAICompatible } = require('@ai-sdk/openai-compatible');

// Its warnings would stand among the answers.
globalThis.AI_SDK_LOG_WARNINGS = false;
const generateImage = ai.generateImage ?? ai.experimental_generateImage;
const model = (base, id = 'openai/gpt-image-2') =>
  createOpenAICompatible({ name: 'pinx', baseURL: base + '/v1', apiKey: 'none' }).imageModel(id);
const isPng = image => Buffer.from(image.base64, 'base64').subarray(1, 4).toString() === 'PNG';

async function raised(call) {
  try {
    await call();
    return { error: null };
  } catch (error) {
    const last = error.lastError ?? error;
    const data = JSON.parse(last.responseBody ?? '{}');
    return { error: last.name, status: last.statusCode, ...data.error };
  }
}

const actions = {
  async usual(base, picture) {
    const { images } = await generateImage({ model: model(base), prompt: 'an owl', n: 2, size: '512x512' });
    assert(images.length === 2 && images.every(isPng));
    const chosen = await generateImage({ model: model(base, 'auto'), prompt: 'an owl', aspectRatio: '16:9' });
    assert(isPng(chosen.image));
    const given = { images: [readFileSync(picture)], text: 'night' };
    assert(isPng((await generateImage({ model: model(base), prompt: given })).image));
    return null;
  },
  async errors(base) {
    const ask = (id, more) => raised(() => generateImage({ model: model(base, id), prompt: 'x', ...more }));
    const own = { providerOptions: { pinx: { max_cost: 0.001 } } };
    return [
      await ask('gpt-imaje-2'),
      await ask(undefined, { size: '9x9x9' }),
      await ask(undefined, { n: 9, maxImagesPerCall: 10 }),
      await ask('fal/flux-schnell'),
      await ask(undefined, own),
      await ask(undefined, { prompt: 'x'.repeat(2 << 20) }),
    ];
  },
  fault: base => raised(() => generateImage({ model: model(base), prompt: 'x' })),
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  console.log(JSON.stringify(await actions[asked.do](asked.base, asked.picture)));
}
