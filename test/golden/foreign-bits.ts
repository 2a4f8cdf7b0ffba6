/** Bits as PROTOCOL.md tells how to read them, one by one; with a line of text for each thing that they say. */

const TEXT_COLUMN = 46;

/** Reads the bits of one body after the other. Throws an Error at the end of the bytes. */
export class ForeignBits {
  readonly lines: string[] = [];
  readonly #isTelling: boolean;
  #body: Uint8Array = new Uint8Array(0);
  #at = 0;
  #line = '';

  constructor(isTelling: boolean) {
    this.#isTelling = isTelling;
  }

  open(body: Uint8Array): void {
    this.#body = body;
    this.#at = 0;
    this.#line = '';
    this.lines.length = 0;
  }

  /** Bits not read yet. */
  get left(): number {
    return 8 * this.#body.length - this.#at;
  }

  /** A number of so many bits. */
  number(count: number): number {
    const value = this.#bits(count);
    if (count > 0) this.#space();
    return value;
  }

  flag(): boolean {
    return this.number(1) === 1;
  }

  /** EGk. */
  golomb(k: number): number {
    const n = this.#zeros();
    const x = 2 ** n + this.#bits(n);
    const value = (x - 1) * 2 ** k + this.#bits(k);
    this.#space();
    return value;
  }

  /** Zigzag EGk. */
  signed(k: number): number {
    const value = this.golomb(k);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Rice p. */
  rice(p: number): number {
    const value = this.#zeros() * 2 ** p + this.#bits(p);
    this.#space();
    return value;
  }

  /** Says what the bits since the last time mean. */
  tell(text: string): void {
    if (!this.#isTelling) return;
    const bits = this.#line.trimEnd();
    this.#line = '';
    // Long ones fill a line of their own.
    if (bits.length < TEXT_COLUMN) this.lines.push(`${bits.padEnd(TEXT_COLUMN)}${text}`);
    else this.lines.push(bits, `${' '.repeat(TEXT_COLUMN)}${text}`);
  }

  #bit(): number {
    if (this.left === 0) throw new Error('cut short');
    const bit = ((this.#body[this.#at >> 3] as number) >> (this.#at & 7)) & 1;
    this.#at++;
    if (this.#isTelling) this.#line += bit;
    return bit;
  }

  #bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value += this.#bit() * 2 ** i;
    return value;
  }

  #zeros(): number {
    let zeros = 0;
    while (this.#bit() === 0) zeros++;
    return zeros;
  }

  #space(): void {
    if (this.#isTelling) this.#line += ' ';
  }
}
