// The library `@modelcontextprotocol/sdk` of npm as a client of `pinx mcp` and of `/mcp` of `pinx serve`: a
// line of JSON in, a line out. It is run in the directory that holds its `node_modules`. `over` is the
// address of a server, or how the program is started.

import assert from 'node:assert';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(process.cwd() + '/');
const sdk = name => require('@modelcontextprotocol/sdk/' + name);
const { Client } = sdk('client/index.js');
const { StdioClientTransport } = sdk('client/stdio.js');
const { StreamableHTTPClientTransport } = sdk('client/streamableHttp.js');
const { ElicitRequestSchema } = sdk('types.js');

const FOX = { prompt: 'a red fox', model: 'openai/gpt-image-2', size: '1024x1024' };
const generate = given => ({ name: 'generate_image', arguments: given });
const code = result => result.structuredContent.error.code;

async function within(asked, answer, work) {
  const capabilities = answer ? { elicitation: { form: {} } } : {};
  const client = new Client({ name: 'test', version: '1' }, { capabilities });
  let questions = 0;
  if (answer) {
    client.setRequestHandler(ElicitRequestSchema, () => {
      questions += 1;
      return { action: answer, ...(answer === 'accept' && { content: { agree: true } }) };
    });
  }
  const isHttp = typeof asked.over === 'string';
  const transport = isHttp
    ? new StreamableHTTPClientTransport(new URL(asked.over))
    : new StdioClientTransport(asked.over);
  await client.connect(transport);
  try {
    return await work(client, () => questions);
  } finally {
    if (isHttp) await transport.terminateSession();
    await client.close();
  }
}

const usual = asked => within(asked, 'accept', async (client, questions) => {
  const { tools } = await client.listTools();
  const sketch = { prompt: 'an owl', model: 'pinx/sketch', size: '64x64', count: 2 };
  const drawn = await client.callTool(generate(sketch));
  assert.deepEqual(drawn.content.map(part => part.type), ['text', 'resource_link', 'resource_link']);
  const image = drawn.structuredContent.run + '.1';
  const shown = await client.callTool({ name: 'show_image', arguments: { image } });
  assert.equal(shown.content[1].type, 'image');
  const told = [];
  const made = await client.callTool(generate(FOX), undefined, { onprogress: step => told.push(step) });
  assert(!made.isError, JSON.stringify(made));
  const wrong = await client.callTool(generate({ prompt: 'x', size: 'huge' }));
  assert(wrong.isError && wrong.content[0].text.includes('huge'));
  const unknown = await client.callTool({ name: 'draw', arguments: {} }).catch(error => error.code);
  return {
    version: client.transport.protocolVersion ?? null,
    tools: tools.map(tool => tool.name),
    link: made.content[1].uri,
    progress: told.length,
    asked: questions(),
    wrong: code(wrong),
    unknown,
  };
});

async function refused(asked) {
  const raised = [];
  for (const answer of ['decline', 'cancel', null]) {
    raised.push(await within(asked, answer, async client => code(await client.callTool(generate(FOX)))));
  }
  return raised;
}

const cancelled = asked => within(asked, 'accept', async client => {
  const stop = new AbortController();
  const onprogress = step => step.message.endsWith('sent') && stop.abort();
  const call = client.callTool(generate(FOX), undefined, { onprogress, signal: stop.signal });
  await assert.rejects(call);
  return (await client.listTools()).tools.length;
});

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const answer = await { usual, refused, cancelled }[asked.do](asked);
  console.log(JSON.stringify(answer));
}
