// Makes fixtures/node-jose.json on standard output: keys and tokens of Node's jose.
// NODE_JOSE names the package's folder; jose of this version has no RSA1_5.
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const folder = process.env.NODE_JOSE;
const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
const jose = await import(pathToFileURL(`${folder}/${manifest.exports['.'].default}`));
const cases = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8'));
const ENC = ['A128CBC-HS256', 'A128GCM', 'A256GCM'];

const generated = { extractable: true };
const pair = async (alg, modulusLength) => jose.generateKeyPair(alg, { ...generated, modulusLength });

// A WebCrypto key is for one algorithm: the plain keys are imported once for each.
const asKey = async (pkcs8, alg) => jose.importPKCS8(pkcs8, alg, generated);
const asPublic = async (spki, alg) => jose.importSPKI(spki, alg, generated);

const forms = async ({ privateKey, publicKey }, marks) => {
  const pkcs8 = await jose.exportPKCS8(privateKey);
  const spki = await jose.exportSPKI(publicKey);
  const pkcs1 = { type: 'pkcs1', format: 'pem' };
  return {
    private_jwk: JSON.stringify({ ...(await jose.exportJWK(privateKey)), ...marks }),
    public_jwk: JSON.stringify({ ...(await jose.exportJWK(publicKey)), ...marks }),
    pkcs8,
    pkcs1: createPrivateKey(pkcs8).export(pkcs1),
    spki,
    pkcs1_public: createPublicKey(spki).export(pkcs1),
  };
};

const secret = await jose.generateSecret('HS256', generated);
const hs256 = { ...(await jose.exportJWK(secret)), alg: 'HS256', use: 'sig', kid: 'hs256' };
const rsa = {};
for (const size of Object.keys(cases.payloads)) {
  rsa[`rsa${size}`] = await forms(await pair('RS256', Number(size)), {});
}
rsa.rs256 = await forms(await pair('RS256', 2048), { alg: 'RS256', use: 'sig', kid: 'rs256' });
rsa['rsa-oaep'] = await forms(await pair('RSA-OAEP', 2048), { alg: 'RSA-OAEP', use: 'enc', kid: 'rsa-oaep' });

const tokens = [];

const octets = async (kind, header, keyName, key, payload) => {
  const data = jose.base64url.decode(payload);
  const maker = kind === 'jws' ? new jose.CompactSign(data) : new jose.CompactEncrypt(data);
  const token = await maker.setProtectedHeader(header)[kind === 'jws' ? 'sign' : 'encrypt'](key);
  tokens.push({ kind, ...header, key: keyName, token, payload });
};

const claims = async (header, keyName, key) => {
  const kind = header.enc ? 'encrypted' : 'signed';
  const maker = header.enc ? new jose.EncryptJWT(cases.claims) : new jose.SignJWT(cases.claims);
  maker.setProtectedHeader({ typ: 'JWT', kid: keyName, ...header });
  const token = await (header.enc ? maker.encrypt(key) : maker.sign(key));
  tokens.push({ kind, ...header, key: keyName, token });
  return token;
};

await octets('jws', { alg: 'HS256' }, 'hs256', secret, cases.payloads['2048']);
for (const [size, payload] of Object.entries(cases.payloads)) {
  const name = `rsa${size}`;
  await octets('jws', { alg: 'RS256' }, name, await asKey(rsa[name].pkcs8, 'RS256'), payload);
  const recipient = await asPublic(rsa[name].spki, 'RSA-OAEP');
  for (const enc of ENC) await octets('jwe', { alg: 'RSA-OAEP', enc }, name, recipient, payload);
}
await claims({ alg: 'HS256' }, 'hs256', secret);
const signed = await claims({ alg: 'RS256' }, 'rs256', await jose.importJWK(JSON.parse(rsa.rs256.private_jwk)));
const recipient = await jose.importJWK(JSON.parse(rsa['rsa-oaep'].public_jwk));
await claims({ alg: 'RSA-OAEP', enc: 'A256GCM' }, 'rsa-oaep', recipient);
for (const enc of ENC) {
  const header = { alg: 'RSA-OAEP', enc };
  const token = await new jose.CompactEncrypt(new TextEncoder().encode(signed))
    .setProtectedHeader({ ...header, kid: 'rsa-oaep', cty: 'JWT' })
    .encrypt(recipient);
  tokens.push({ kind: 'nested', ...header, key: 'rsa-oaep', signer: 'rs256', token });
}

const fixture = {
  library: 'node-jose',
  version: manifest.version,
  claims: cases.claims,
  secret: { hs256: JSON.stringify(hs256) },
  rsa,
  tokens,
};
console.log(JSON.stringify(fixture, null, 1));
