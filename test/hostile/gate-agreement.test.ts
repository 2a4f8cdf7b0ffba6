// What the gate lets through means the same to both libraries, is plain, and throws in neither.
import { isDeepStrictEqual } from 'node:util';
import { decode as decodeWithMsgpack, Encoder } from '@msgpack/msgpack';
import { Packr } from 'msgpackr/pack';
import { expect, test } from 'vitest';
import { WireError } from '../../engine/core/errors.ts';
import { Random } from '../../engine/core/random.ts';
import { checkMessage, MESSAGE_LIMITS } from '../../engine/wire/gate.ts';
import { createMsgpackrCodec } from '../../engine/wire/msgpackr.node.ts';
import { withPlainBins } from '../unit/wire/arbitraries.ts';
import { isPlain, mutate, randomValue } from './bytes.ts';

const codec = createMsgpackrCodec();

function isAccepted(bytes: Uint8Array): boolean {
  try {
    checkMessage(bytes, MESSAGE_LIMITS);
    return true;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return false;
  }
}

function checkAgreement(bytes: Uint8Array): void {
  const ours = withPlainBins(codec.decode(bytes.slice()));
  const theirs = withPlainBins(decodeWithMsgpack(bytes));
  if (!isPlain(ours) || !isPlain(theirs)) throw new Error('a value that is not plain');
  if (!isDeepStrictEqual(ours, theirs)) expect(ours).toEqual(theirs);
}

test.each([1, 2, 3, 4])('random bytes and mutated messages, part %i', (seed) => {
  const random = new Random(seed);
  const encoder = new Encoder({ ignoreUndefined: true });
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  let accepted = 0;
  for (let i = 0; i < 10_000; i++) {
    const value = [randomValue(random, 5), randomValue(random, 3)];
    let bytes: Uint8Array = i & 1 ? encoder.encode(value) : Uint8Array.from(packr.pack(value));
    if (isAccepted(bytes)) checkAgreement(bytes);
    for (let round = 0; round < 3; round++) {
      bytes = mutate(random, bytes);
      if (!isAccepted(bytes)) continue;
      accepted++;
      checkAgreement(bytes);
    }
  }
  // A generator that the gate always refuses would test nothing.
  expect(accepted).toBeGreaterThan(1000);
  expect(Object.keys(Object.prototype)).toEqual([]);
});
