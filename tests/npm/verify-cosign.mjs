// Verifies the signatures that cosign would look for in an OCI layout, with Sigstore's own verifier and a plain public key, offline.
// usage: node verify-cosign.mjs PUBLIC.pem LAYOUT...   prints the digest of every image whose signature holds
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';

const [pem, ...layouts] = process.argv.slice(2);
const rawBytes = createPublicKey(readFileSync(pem)).export({ type: 'spki', format: 'der' });
const root = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
const verifier = new Verifier(toTrustMaterial(root, { key: { rawBytes } }), { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });

for (const layout of layouts) {
  const blob = (digest) => readFileSync(join(layout, 'blobs', ...digest.split(':')));
  for (const entry of JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests) {
    const tag = /^sha256-([0-9a-f]{64})\.sig$/.exec(entry.annotations?.['org.opencontainers.image.ref.name'] ?? '');
    if (!tag) continue;
    for (const layer of JSON.parse(blob(entry.digest)).layers) {
      const payload = blob(layer.digest);
      verifier.verify(toSignedEntity(bundleFromJSON({
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: { publicKey: { hint: 'key' } },
        messageSignature: {
          messageDigest: { algorithm: 'SHA2_256', digest: createHash('sha256').update(payload).digest('base64') },
          signature: layer.annotations['dev.cosignproject.cosign/signature'],
        },
      }), payload));
      const said = JSON.parse(payload).critical.image['docker-manifest-digest'];
      if (said !== `sha256:${tag[1]}`) throw new Error(`the payload is about ${said}, the tag about ${tag[1]}`);
      console.log(`verified ${said}`);
    }
  }
}
