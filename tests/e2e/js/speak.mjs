// OpenAI's JavaScript client against a gateway; prints what it got as one JSON object.
// Usage: node speak.mjs BASE_URL KEY ACTOR SUBJECTS < {"letter": "…"}
import OpenAI from "openai";
import { readFileSync } from "node:fs";

const [baseURL, apiKey, actor, subjects] = process.argv.slice(2);
const { letter } = JSON.parse(readFileSync(0, "utf-8"));
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, defaultHeaders: { "X-AI-Gateway-Actor": actor } });
const metadata = { subjects };
const messages = [{ role: "user", content: letter }];
const parameters = { type: "object", properties: { to: { type: "string" } } };
const tools = [{ type: "function", function: { name: "send_letter", description: letter, parameters } }];

const plain = await client.chat.completions.create({ model: "echo", messages, metadata });

const stream = client.chat.completions.stream({
  model: "parallel", messages, tools, metadata, stream_options: { include_usage: true },
});
let streamed = "";
for await (const chunk of stream) streamed += chunk.choices[0]?.delta?.content ?? "";
const final = await stream.finalChatCompletion();

const format = { type: "json_schema", json_schema: { name: "letter", schema: parameters } };
const structured = await client.chat.completions.create({ model: "json", messages, metadata, response_format: format });

const response = await client.responses.create({ model: "thinking", input: letter, metadata });
let deltas = "";
for await (const event of await client.responses.create({ model: "echo", input: letter, metadata, stream: true })) {
  if (event.type === "response.output_text.delta") deltas += event.delta;
}

const embeddings = await client.embeddings.create({ model: "embed", input: ["Dana Okafor", "danabuilds"] });
const models = [];
for await (const model of client.models.list()) models.push(model.id);

async function failing(asked) {
  try {
    await client.chat.completions.create({ messages, metadata, ...asked });
  } catch (error) {
    return { kind: error.constructor.name, status: error.status, code: error.code, request: error.requestID };
  }
  return null;
}

process.stdout.write(JSON.stringify({
  plain: plain.choices[0].message.content,
  usage: plain.usage.total_tokens,
  streamed,
  calls: final.choices[0].message.tool_calls.map((call) => JSON.parse(call.function.arguments)),
  finish: final.choices[0].finish_reason,
  structured: JSON.parse(structured.choices[0].message.content),
  response: response.output_text,
  thought: response.output[0].summary[0].text,
  deltas,
  embeddings: embeddings.data.map((one) => Array.from(one.embedding)),
  models,
  limited: await failing({ model: "error.429" }),
  routed: await failing({ model: "echo", api_base: "http://elsewhere.example" }),
}));
