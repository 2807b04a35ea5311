// Verifies attestations with Sigstore's own verifier and a plain public key, offline.
// usage: node verify-sigstore.mjs PUBLIC.pem HINT FILE...   a FILE is a Sigstore bundle, or a plain DSSE envelope
import { readFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';

const [pem, hint, ...files] = process.argv.slice(2);
const rawBytes = createPublicKey(readFileSync(pem)).export({ type: 'spki', format: 'der' });
const root = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
const trust = toTrustMaterial(root, { [hint]: { rawBytes } });
const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });

for (const file of files) {
  const json = JSON.parse(readFileSync(file, 'utf8'));
  const bundle = json.mediaType ? json : {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint } },
    dsseEnvelope: json,
  };
  verifier.verify(toSignedEntity(bundleFromJSON(bundle)));
  console.log(`verified ${file}`);
}
