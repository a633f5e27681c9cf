// Clients out of npm. What it tells is what told.py tells: a line of JSON for each case.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const modules = process.env.PROOF_MODULES;
const found = createRequire(join(modules, "proof.cjs"));
const load = async (name) => import(pathToFileURL(found.resolve(name)).href);
const [ALICE, MAIL, ZHANG, MOBILE] = ["Alice Johnson", "alice.johnson@example.org", "张伟", "13812345678"];
const [EN, ZH] = [`Please write to ${ALICE} (${MAIL}) today.`, `请给${ZHANG}打电话，号码是${MOBILE}。`];
const SENT = `sent to ${ALICE} at ${MAIL}`;
const BLOCKED = "Here is my key: ghp_abcdefghijklmnopqrstuvwxyz0123456789";
const model = "model";
const user = (content) => [{ role: "user", content }];
const sent = ({ to, mail }) => `sent to ${to} at ${mail}`;

const tell = (fields) => process.stdout.write(`\n@@${JSON.stringify(fields)}\n`);
const versionOf = (name) => JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version;
const client = (...names) => tell({ versions: Object.fromEntries(names.map((name) => [name, versionOf(name)])) });

async function kase(name, run, ...wanted) {
  try {
    const said = await run();
    const text = typeof said === "string" ? said : JSON.stringify(said);
    const missing = wanted.filter((one) => !text.includes(one));
    tell({ case: name, fault: missing.length ? `${missing} is missing in ${text}`.slice(0, 400) : null });
  } catch (error) {
    tell({ case: name, fault: `${error.constructor.name}: ${error.message}`.slice(0, 400) });
  }
}

// `kind` is the client's own class of error, or the status that its error tells.
async function refused(name, run, kind) {
  try {
    await run();
    tell({ case: name, fault: "nothing was raised" });
  } catch (error) {
    const is = typeof kind === "number" ? error.status === kind : error instanceof kind;
    tell({ case: name, fault: is ? null : `${error.constructor.name}: ${error.message}`.slice(0, 400), raised: error.constructor.name });
  }
}

const joined = async (stream, pick) => {
  let said = "";
  for await (const piece of stream) said += pick(piece) ?? "";
  return said;
};

const { z } = await load("zod");
const Contact = z.object({ name: z.string(), mail: z.string() });
const Letter = z.object({ to: z.string(), mail: z.string() });

const programs = {
  async openai() {
    client("openai");
    const OpenAI = (await load("openai")).default;
    const { zodTextFormat } = await load("openai/helpers/zod");
    const api = new OpenAI({ maxRetries: 0 });
    const chat = (content, more) => api.chat.completions.create({ model, messages: user(content), ...more });
    await kase("chat", async () => (await chat(EN + ZH)).choices[0].message.content, EN, ZH);
    await kase("chat, streamed", async () => joined(await chat(EN + ZH, { stream: true }), (c) => c.choices[0]?.delta.content), EN, ZH);
    const format = zodTextFormat(Contact, "contact");
    await kase("response, parsed", async () => (await api.responses.parse({ model, input: EN, text: { format } })).output_parsed, ALICE, MAIL);
    await kase("response, streamed", async () => (await api.responses.stream({ model, input: EN + ZH }).finalResponse()).output_text, EN, ZH);
    const parameters = { type: "object", properties: { to: { type: "string" }, mail: { type: "string" } } };
    const tools = [{ type: "function", function: { name: "send_mail", parameters, parse: JSON.parse, function: sent } }];
    const run = () => api.chat.completions.runTools({ model, messages: user(EN), tools, stream: true }).finalContent();
    await kase("tools run, streamed", run, SENT);
    await refused("blocked", () => chat(BLOCKED), OpenAI.PermissionDeniedError);
  },

  async ai() {
    client("ai", "@ai-sdk/openai", "@ai-sdk/openai-compatible");
    const { generateText, streamText, embedMany, tool, stepCountIs, Output, APICallError } = await load("ai");
    const openai = (await load("@ai-sdk/openai")).createOpenAI({});
    const { createOpenAICompatible } = await load("@ai-sdk/openai-compatible");
    const { OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: apiKey } = process.env;
    const compatible = createOpenAICompatible({ name: "gateway", baseURL, apiKey, supportsStructuredOutputs: true });
    const tools = { send_mail: tool({ description: `for ${ALICE}`, inputSchema: Letter, execute: sent }) };
    const stateless = { openai: { store: false } };
    const kinds = {
      "openai.chat": [openai.chat(model)],
      compatible: [compatible(model)],
      "openai, store: false": [openai(model), stateless],
      "openai as it comes": [openai(model)], // names items of earlier answers by their ids
    };
    for (const [kind, [of, providerOptions]] of Object.entries(kinds)) {
      const asked = { model: of, maxRetries: 0, providerOptions, stopWhen: stepCountIs(3) };
      await kase(`${kind}: text`, async () => (await generateText({ ...asked, prompt: EN + ZH })).text, EN, ZH);
      await kase(`${kind}: streamed`, () => joined(streamText({ ...asked, prompt: EN + ZH }).textStream, (piece) => piece), EN, ZH);
      const output = Output.object({ schema: Contact });
      await kase(`${kind}: object`, async () => (await generateText({ ...asked, prompt: EN, output })).output, ALICE, MAIL);
      await kase(`${kind}: tools, streamed`, () => joined(streamText({ ...asked, prompt: EN, tools }).textStream, (piece) => piece), SENT);
      await kase(`${kind}: tools`, async () => (await generateText({ ...asked, prompt: EN, tools })).text, SENT);
      const turns = async (answered, more) => {
        let messages = user(EN);
        for (const next of [ZH, EN + ZH]) messages = [...messages, ...(await answered({ ...asked, ...more, messages })).messages, ...user(next)];
        return (await answered({ ...asked, messages })).text;
      };
      const whole = async (call) => {
        const { text, response } = await generateText(call);
        return { text, messages: response.messages };
      };
      const streamed = async (call) => {
        const answer = streamText(call);
        return { text: await joined(answer.textStream, (piece) => piece), messages: (await answer.response).messages };
      };
      await kase(`${kind}: three turns`, () => turns(whole), EN + ZH);
      await kase(`${kind}: three turns, streamed`, () => turns(streamed), EN + ZH);
      await kase(`${kind}: three turns with tools`, () => turns(whole, { tools }), EN + ZH);
      await kase(`${kind}: three turns with tools, streamed`, () => turns(streamed, { tools }), EN + ZH);
      await refused(`${kind}: blocked`, () => generateText({ ...asked, prompt: BLOCKED }), APICallError);
    }
    const vectors = () => embedMany({ model: openai.embedding("model"), values: [EN, ZH] });
    await kase("embeddings", async () => (await vectors()).embeddings.length, "2");
  },

  async langchain() {
    client("@langchain/openai", "@langchain/langgraph", "@langchain/core");
    const { ChatOpenAI, OpenAIEmbeddings } = await load("@langchain/openai");
    const { tool } = await load("@langchain/core/tools");
    const { createReactAgent } = await load("@langchain/langgraph/prebuilt");
    const tools = [tool(sent, { name: "send_mail", description: `for ${ALICE}`, schema: Letter })];
    for (const useResponsesApi of [false, true]) {
      const kind = useResponsesApi ? "responses" : "chat";
      const llm = new ChatOpenAI({ model, maxRetries: 0, useResponsesApi });
      await kase(`${kind}: invoke`, async () => (await llm.invoke(EN + ZH)).text, EN, ZH);
      await kase(`${kind}: stream`, async () => joined(await llm.stream(EN + ZH), (piece) => piece.text), EN, ZH);
      await kase(`${kind}: structured`, () => llm.withStructuredOutput(Contact).invoke(EN), ALICE, MAIL);
      const agent = () => createReactAgent({ llm, tools }).invoke({ messages: user(EN) });
      await kase(`${kind}: agent`, async () => (await agent()).messages.at(-1).text, SENT);
      await refused(`${kind}: blocked`, () => llm.invoke(BLOCKED), 403);
    }
    await kase("embeddings", async () => (await new OpenAIEmbeddings({ model }).embedDocuments([EN, ZH])).length, "2");
  },

  async agents() {
    client("@openai/agents", "openai");
    const { Agent, run, tool, setOpenAIAPI, setTracingDisabled } = await load("@openai/agents");
    setTracingDisabled(true);
    const tools = [tool({ name: "send_mail", description: `for ${ALICE}`, parameters: Letter, execute: sent })];
    const streamed = async (agent) => {
      const running = await run(agent, EN, { stream: true });
      for await (const event of running) void event;
      await running.completed;
      return running.finalOutput;
    };
    for (const api of ["responses", "chat_completions"]) {
      setOpenAIAPI(api);
      const said = async (more, text) => (await run(new Agent({ name: "a", model, ...more }), text)).finalOutput;
      await kase(`${api}: run`, () => said({ instructions: `You serve ${ALICE}.` }, EN + ZH), EN, ZH);
      await kase(`${api}: tools`, () => said({ tools }, EN), SENT);
      await kase(`${api}: tools, streamed`, () => streamed(new Agent({ name: "a", model, tools })), SENT);
      await kase(`${api}: output type`, () => said({ outputType: Contact }, EN), ALICE, MAIL);
      await refused(`${api}: blocked`, () => said({}, BLOCKED), 403);
    }
  },
};

await programs[process.argv[2]]();
process.exit(0);
