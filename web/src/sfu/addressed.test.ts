import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { address, readAddressed } from './addressed';

const id = fc.stringMatching(/^[\w-]{1,20}$/);

describe('an addressed text', () => {
  it('is read by whom it is for, and by nobody else', () => {
    fc.assert(
      fc.property(fc.string(), id, id, (text, to, other) => {
        const sent = address(text, to);
        expect(readAddressed(sent, to)).toBe(text);
        if (other !== to) expect(readAddressed(sent, other)).toBeNull();
      }),
    );
  });

  it('is for everybody without an address, as it stands', () => {
    fc.assert(
      fc.property(fc.string(), id, (text, own) => {
        const sent = address(text, null);
        if (sent === null) expect(text.startsWith('@')).toBe(true);
        else expect([sent, readAddressed(sent, own)]).toEqual([text, text]);
      }),
    );
  });

  it('is text', () => {
    expect(readAddressed(new ArrayBuffer(4), 'a')).toBeNull();
    expect(readAddressed('@a', 'a')).toBeNull();
  });
});
