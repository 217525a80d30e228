// The npm package `jose` as a partner's library, by PROTOCOL.md section 16.
//
//   node jose.mjs open FILE...    open what the C code sealed
//   node jose.mjs seal FILE...    seal, for the C code to open
//
// A file is {key, aad, body, plain_commit, wrap, jwe} as tests/vectors has it.
// One line of TAP per file.  Exit status 1 if any is not as it should be.
import fs from 'node:fs';
import crypto from 'node:crypto';
import assert from 'node:assert';
import { exportJWK, GeneralEncrypt, generalDecrypt, generateKeyPair, importJWK }
  from 'jose';

const ALG = 'ECDH-ES+A256KW';
const HEADER = '{"enc":"A256GCM","typ":"keten+jwe"}';
const AAD = 'keten1|keten.example|welzijn-w|01890a5d-ac96-774b-bcce-'
  + 'b302099a8057|person|5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a';
const BODIES = ['', 'x', 'Mevrouw De Vries, Kerkstraat 1, n\u00e9\u00e9',
  'v'.repeat(3037), 'v'.repeat(64477)];
const LENGTHS = [3072, 15360, 64512, 261120];

const b64 = (text) => Buffer.from(text, 'base64url');
const commit = (plain) => crypto.createHash('sha256')
  .update('keten1/part\0').update(plain).digest('hex');

function pad(body) {
  const head = Buffer.alloc(36);
  crypto.randomFillSync(head, 0, 32);
  head.writeUInt32BE(body.length, 32);
  const length = LENGTHS.find((n) => n >= 36 + body.length);
  return Buffer.concat([head, body, Buffer.alloc(length - 36 - body.length)]);
}

function unpad(plain) {
  assert(LENGTHS.includes(plain.length), 'a length that is none of the four');
  const n = plain.readUInt32BE(32);
  assert(plain.subarray(36 + n).every((x) => x === 0), 'padding of zeros');
  return plain.subarray(36, 36 + n);
}

// RFC 7518 and section 16: the id of a sealing key.
const keyId = (jwk) => crypto.createHash('sha256').update(Buffer.concat(
  [Buffer.from([4]), b64(jwk.x), b64(jwk.y)])).digest('hex').slice(0, 16);

async function open(path) {
  const v = JSON.parse(fs.readFileSync(path, 'utf8'));
  const key = await importJWK(v.key, ALG);
  assert.equal(b64(v.jwe.protected).toString(), HEADER);
  assert.equal(b64(v.jwe.aad).toString(), v.aad);
  assert.equal(v.jwe.recipients[v.wrap].header.kid, keyId(v.key));
  // Whatever other recipients there are: its own is found among them.
  const { plaintext } = await generalDecrypt(v.jwe, key);
  const plain = Buffer.from(plaintext);
  assert.equal(commit(plain), v.plain_commit);
  assert.equal(unpad(plain).toString(), v.body);
  // And nothing of it can be another.
  const other = { ...v.jwe, aad: Buffer.from(`${v.aad}0`).toString('base64url') };
  await assert.rejects(generalDecrypt(other, key));
  return `it opens ${v.body.length} bytes that the C code sealed`;
}

async function seal(path, i) {
  const body = Buffer.from(BODIES[i % BODIES.length]);
  const plain = pad(body);
  const keys = await Promise.all([0, 1].map(() => generateKeyPair(ALG,
    { crv: 'P-256', extractable: true })));
  const jwe = new GeneralEncrypt(plain)
    .setProtectedHeader(JSON.parse(HEADER))
    .setAdditionalAuthenticatedData(Buffer.from(AAD));
  for (const { publicKey } of keys) {
    jwe.addRecipient(publicKey).setUnprotectedHeader(
      { alg: ALG, kid: keyId(await exportJWK(publicKey)) });
  }
  const made = await jwe.encrypt();
  assert.equal(b64(made.protected).toString(), HEADER);
  fs.writeFileSync(path, JSON.stringify({
    key: await exportJWK(keys[1].privateKey), aad: AAD, body: body.toString(),
    plain_commit: commit(plain), wrap: 1, jwe: made }));
  return `it seals ${body.length} bytes`;
}

const [verb, ...paths] = process.argv.slice(2);
for (const [i, path] of paths.entries()) {
  try {
    console.log(`ok - jose: ${await { open, seal }[verb](path, i)}`);
  } catch (e) {
    console.log(`not ok - jose: ${verb} ${path}\n# ${e.stack}`);
    process.exitCode = 1;
  }
}
