// Opens the tokens of strict-jose with Node's jose; one line for each algorithm.
// Argument: the output of examples/interop_tokens.rs. NODE_JOSE names the package's folder; jose of
// this version has no RSA1_5.
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const folder = process.env.NODE_JOSE;
const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
const jose = await import(pathToFileURL(`${folder}/${manifest.exports['.'].default}`));
const ours = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const payload = Buffer.from(ours.payload);
const library = `node-jose ${manifest.version}`;
const rules = { issuer: 'https://as.example', audience: 'https://api.example', subject: 'alice', typ: 'JWT' };

const counts = new Map();
const count = (algorithm, what, error) => {
  const [passed, failed] = counts.get(algorithm) ?? [0, 0];
  counts.set(algorithm, error ? [passed, failed + 1] : [passed + 1, failed]);
  if (error) console.error(`${library} ${algorithm}: ${what}: ${error}`);
};
const check = async (algorithm, what, holds) => {
  try {
    await holds();
    count(algorithm, what);
  } catch (error) {
    count(algorithm, what, error);
  }
};
const refuse = async (algorithm, what, opens) => {
  let opened = true;
  await opens().catch(() => (opened = false));
  count(algorithm, what, opened && 'a changed token was opened');
};

const load = async (name, isPrivate, alg) => {
  const key = ours.keys[name];
  if (key.jwk) return [['jwk', await jose.importJWK(JSON.parse(key.jwk))]];
  return isPrivate
    ? [
        ['private_jwk', await jose.importJWK(JSON.parse(key.private_jwk))],
        ['pkcs8', await jose.importPKCS8(key.pkcs8, alg)],
        ['pkcs1', createPrivateKey(key.pkcs1)],
      ]
    : [
        ['public_jwk', await jose.importJWK(JSON.parse(key.public_jwk))],
        ['spki', await jose.importSPKI(key.spki, alg)],
        ['pkcs1_public', createPublicKey(key.pkcs1_public)],
      ];
};

const same = (octets) => assert.deepEqual(Buffer.from(octets), payload);
const claimsHold = ({ nbf, iat, exp, ...rest }) => {
  assert.equal(exp - iat, 3600);
  assert.ok(nbf <= Date.now() / 1000 + 1);
  assert.deepEqual(rest, {
    iss: 'https://as.example',
    sub: 'alice',
    aud: ['https://api.example', 'https://other.example'],
    jti: 'c2f1d3e0-0002',
    roles: ['reader', 'writer'],
    given_name: 'Alïce ☃',
  });
};

// The token with one character of its last segment changed.
const flipped = (token) => {
  const at = token.length - 8;
  return token.slice(0, at) + (token[at] === 'f' ? 'g' : 'f') + token.slice(at + 1);
};

const opens = {
  jws: async (token, key) => same((await jose.compactVerify(token, key)).payload),
  jwe: async (token, key) => same((await jose.compactDecrypt(token, key)).plaintext),
  signed: async (token, key) => claimsHold((await jose.jwtVerify(token, key, rules)).payload),
  encrypted: async (token, key) => claimsHold((await jose.jwtDecrypt(token, key, rules)).payload),
  nested: async (token, key, signer) => {
    const { plaintext, protectedHeader } = await jose.compactDecrypt(token, key);
    assert.equal(protectedHeader.cty, 'JWT');
    claimsHold((await jose.jwtVerify(plaintext, signer, rules)).payload);
  },
};

for (const { kind, algorithm, key: name, token } of ours.tokens) {
  if (algorithm.startsWith('RSA1_5')) continue;
  const signed = kind === 'jws' || kind === 'signed';
  const alg = algorithm.split('/')[0];
  const signerName = `rs256-${name.split('-').at(-1)}`;
  const signer = kind === 'nested' ? (await load(signerName, false, 'RS256'))[0][1] : undefined;
  const octets = signed ? jose.compactVerify : jose.compactDecrypt;
  for (const [form, key] of await load(name, !signed, alg)) {
    const what = `${kind} by ${form}`;
    await check(algorithm, what, () => opens[kind](token, key, signer));
    await refuse(algorithm, what, () => octets(flipped(token), key));
  }
}

// The halves that opening tokens does not use.
for (const name of Object.keys(ours.keys)) {
  const alg = name.startsWith('rs256') ? 'RS256' : 'RSA-OAEP';
  if (name === 'hs256' || name.startsWith('rsa1_5')) continue;
  const [privates, publics] = [await load(name, true, alg), await load(name, false, alg)];
  for (const [at, [form, key]] of privates.entries()) {
    const [publicForm, publicKey] = publics[at];
    if (alg === 'RS256') {
      await check(alg, `${form} signs`, async () => {
        const token = await new jose.CompactSign(payload).setProtectedHeader({ alg }).sign(key);
        await opens.jws(token, publicKey);
      });
      continue;
    }
    for (const enc of ['A128CBC-HS256', 'A128GCM', 'A256GCM']) {
      await check(`${alg}/${enc}`, `${publicForm} encrypts`, async () => {
        const maker = new jose.CompactEncrypt(payload).setProtectedHeader({ alg, enc });
        await opens.jwe(await maker.encrypt(publicKey), key);
      });
    }
  }
}
for (const [algorithm, [passed, failed]] of counts) {
  console.log([library, algorithm, passed, failed].join('\t'));
}
