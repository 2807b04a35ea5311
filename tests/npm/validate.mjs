// Validates JSON files against a JSON schema (draft-07) with ajv.
// usage: node validate.mjs [--ref SCHEMA]... SCHEMA FILE...
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const args = process.argv.slice(2);
// The official schemas use keywords and formats of later drafts as annotations: not strict, but every known format is checked.
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
for (const format of ['idn-email', 'iri-reference', 'iri']) {
  ajv.addFormat(format, true);
}
while (args[0] === '--ref') {
  args.shift();
  ajv.addSchema(read(args.shift()));
}
const validate = ajv.compile(read(args.shift()));
let bad = 0;
for (const file of args) {
  if (validate(read(file))) {
    console.log(`valid ${file}`);
  } else {
    bad = 1;
    console.error(`${file}: ${ajv.errorsText(validate.errors, { separator: '\n' })}`);
  }
}
process.exit(bad);
