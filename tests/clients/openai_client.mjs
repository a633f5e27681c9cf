// The npm OpenAI SDK as an application uses it: `node openai_client.mjs TASK MODEL TEXT` prints what the SDK made of the
// answer, as JSON. OPENAI_BASE_URL and OPENAI_API_KEY say where to ask.
import OpenAI from "openai";

const [task, model, text] = process.argv.slice(2);
const client = new OpenAI({ maxRetries: 0, timeout: 30_000 });
const messages = [{ role: "user", content: text }];
const parameters = { type: "object", properties: { to: { type: "string" } } };
const chatTool = { type: "function", function: { name: "send_mail", parameters } };
const responsesTool = { type: "function", name: "send_mail", parameters, strict: false };

const collected = async (stream, pick) => {
  const found = [];
  for await (const event of stream) found.push(...pick(event));
  return found;
};

const tasks = {
  async chat() {
    const answer = await client.chat.completions.create({ model, messages, n: 2 });
    return { texts: answer.choices.map((choice) => choice.message.content), usage: answer.usage };
  },

  async stream() {
    const options = { model, messages, stream: true, stream_options: { include_usage: true } };
    const chunks = await collected(await client.chat.completions.create(options), (chunk) => [chunk]);
    const said = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    return { text: said, usage: chunks.at(-1).usage };
  },

  async tools() {
    const answer = await client.chat.completions.create({ model, messages, tools: [chatTool] });
    return answer.choices[0].message.tool_calls.map((call) => call.function.arguments);
  },

  async streamedTools() {
    const options = { model, messages, tools: [chatTool], stream: true };
    const fragments = await collected(await client.chat.completions.create(options), (chunk) => chunk.choices[0].delta.tool_calls ?? []);
    const calls = [];
    for (const { index, function: part } of fragments) calls[index] = (calls[index] ?? "") + (part.arguments ?? "");
    return calls;
  },

  async streamHelper() {
    const runner = client.chat.completions.stream({ model, messages, tools: [chatTool] });
    const final = await runner.finalChatCompletion();
    return final.choices[0].message.tool_calls.map((call) => call.function.arguments);
  },

  async toolLoop() {
    const called = (await client.chat.completions.create({ model, messages, tools: [chatTool] })).choices[0].message;
    const results = called.tool_calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: call.function.arguments }));
    const history = [...messages, called, ...results];
    return (await client.chat.completions.create({ model, messages: history, tools: [chatTool] })).choices[0].message.content;
  },

  async responses() {
    const answer = await client.responses.create({ model, input: text });
    return { text: answer.output_text, usage: answer.usage };
  },

  async streamedResponses() {
    const events = await collected(await client.responses.create({ model, input: text, stream: true }), (event) => [event]);
    const said = events.filter((event) => event.type === "response.output_text.delta").map((event) => event.delta);
    return { text: said.join(""), final: events.at(-1).response.output[0].content[0].text };
  },

  async responsesTools() {
    const runner = client.responses.stream({ model, input: text, tools: [responsesTool] });
    return (await runner.finalResponse()).output.map((item) => item.arguments);
  },

  async embeddings() {
    const answer = await client.embeddings.create({ model, input: [text] });
    return answer.data[0].embedding;
  },

  async models() {
    return await collected(await client.models.list(), (each) => [each.id]);
  },
};

try {
  console.log(JSON.stringify(await tasks[task]()));
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error;
  console.log(JSON.stringify({ error: error.constructor.name, status: error.status, code: error.code }));
}
