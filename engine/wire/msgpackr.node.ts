/** The server's MessagePack library behind safe settings. Bytes reach it only through the gate. */
// This entry leaves msgpackr's native string extractor out: more C++ on a peer's bytes for texts this short.
import { Packr } from 'msgpackr/pack';
import { WireError } from '../core/errors.ts';
import type { ValueCodec } from './value-codec.ts';

/**
 * A codec over msgpackr: maps and no records, integers of 2^32 and more as float64, bins copied out of the socket's
 * buffer. Its extensions are not switched off one by one - that would be for the whole process, and break other users
 * of msgpackr in it: the gate refuses every ext, and `assertEncodable` whatever would become one.
 */
export function createMsgpackrCodec(): ValueCodec {
  const packr = new Packr({
    useRecords: false,
    mapsAsObjects: true,
    structuredClone: false,
    int64AsType: 'number',
    copyBuffers: true,
    variableMapSize: true,
    encodeUndefinedAsNil: true,
    useToJSON: false,
  });
  return {
    encode: (value) => packr.pack(value),
    decode(bytes) {
      try {
        return packr.unpack(bytes);
      } catch {
        // The library's own text may quote the payload.
        throw new WireError('value does not decode');
      }
    },
  };
}
