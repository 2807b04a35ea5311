// Reads a Cincinnati v1 document as its clients do: strict SemVer, strings only in metadata, indexes inside the list; then prints "FROM TO HOW"
// for what each version can be updated to, one hop ahead. Usage: node cincinnati.mjs FILE. A document that a client would refuse ends it with 1.
import { readFileSync } from 'node:fs';
import { parse } from 'semver';

function demand(holds, what) {
  if (!holds) {
    console.error(`refused: ${what}`);
    process.exit(1);
  }
}

const graph = JSON.parse(readFileSync(process.argv[2], 'utf8'));
demand(graph.version === undefined || graph.version === 1, `version ${graph.version}`);
const seen = new Set();
for (const [index, node] of graph.nodes.entries()) {
  demand(typeof node.version === 'string' && parse(node.version)?.raw === node.version, `node ${index}: version ${node.version} is not strict SemVer`);
  demand(typeof node.payload === 'string' && node.payload !== '', `node ${index}: no payload`);
  demand(Object.values(node.metadata ?? {}).every((value) => typeof value === 'string'), `node ${index}: metadata holds more than strings`);
  demand(!seen.has(node.version), `node ${index}: ${node.version} is there twice`);
  seen.add(node.version);
}

const targets = new Map();
for (const [from, to] of graph.edges) {
  demand([from, to].every((i) => Number.isInteger(i) && i >= 0 && i < graph.nodes.length), `edge [${from}, ${to}]: outside the list of nodes`);
  targets.set(`${graph.nodes[from].version} ${graph.nodes[to].version}`, 'recommended');
}

for (const group of graph.conditionalEdges ?? []) {
  demand(group.risks.length > 0, 'conditional edges without a risk');
  for (const risk of group.risks) {
    demand([risk.url, risk.name, risk.message].every((text) => typeof text === 'string' && text !== '') && URL.canParse(risk.url), `risk ${risk.name}: url, name and message are wanted`);
    demand(/^[A-Z][A-Za-z0-9]*$/.test(risk.name), `risk ${risk.name}: clients make a condition of the name and want it in CamelCase`);
    demand(risk.matchingRules?.length > 0 && risk.matchingRules.every((rule) => ['Always', 'PromQL'].includes(rule.type)), `risk ${risk.name}: no matching rule that a client knows`);
  }

  for (const { from, to } of group.edges) {
    demand(seen.has(from) && seen.has(to), `conditional edge ${from} -> ${to}: not in the list of nodes`);
    // A target named twice is dropped by clients: that would lose a step without a word.
    demand(!targets.has(`${from} ${to}`), `${from} -> ${to} is named twice`);
    targets.set(`${from} ${to}`, group.risks.map((risk) => risk.name).join('+'));
  }
}

console.log([...targets].map(([step, how]) => `${step} ${how}`).sort().join('\n'));
