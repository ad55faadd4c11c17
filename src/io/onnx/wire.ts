/**
 * The protobuf wire format, read with pbf and bounded: no field reaches outside its message, text and
 * counts have limits, and whatever is wrong becomes the reader's one error.
 */
import { PbfReader } from 'pbf';
import { type Fail, FileError, failAt } from '../errors.js';

/** Handles field `tag` of a message by reading its value; an unread field is skipped. */
export type Field = (tag: number, wire: Wire) => void;

/** Wire types of protobuf: varint, 8 bytes, length and bytes, 4 bytes. */
const wireTypes: readonly number[] = [0, 1, 2, 5];
/** PyTorch's longest names (of nested modules) have a few hundred bytes. */
const MAX_TEXT_BYTES = 4096;

const utf8 = new TextDecoder();

/** A cursor over the bytes of one file. */
export class Wire {
  private readonly reader: PbfReader;
  /** End of the message that is being read. */
  private end: number;

  constructor(
    bytes: Uint8Array,
    private readonly fail: Fail,
  ) {
    this.reader = new PbfReader(bytes);
    this.end = bytes.length;
  }

  /** Reads the rest of the current message field by field. */
  fields(field: Field): void {
    const { reader, end } = this;
    for (;;) {
      const tag = reader.nextField(end);
      if (reader.pos > end) this.cutShort();
      if (tag === 0) {
        if (reader.pos !== end) this.cutShort();
        return;
      }
      if (!wireTypes.includes(reader.type)) {
        this.fail(
          `byte ${reader.pos} has the wire type ${reader.type}, so this is no ONNX file; choose another`,
        );
      }
      field(tag, this);
      if (reader.pos > end) this.cutShort();
    }
  }

  /** Reads an embedded message. Nesting is as deep as the calls of this method, so readers bound it. */
  message(field: Field): void {
    const outer = this.end;
    const length = this.length();
    this.end = this.reader.pos + length;
    this.fields(field);
    this.end = outer;
  }

  /** A view of the field's bytes, not a copy. */
  bytes(): Uint8Array {
    const length = this.length();
    const start = this.reader.pos;
    this.reader.pos += length;
    return this.reader.buf.subarray(start, start + length);
  }

  text(): string {
    const bytes = this.bytes();
    if (bytes.length > MAX_TEXT_BYTES) {
      this.fail(`a name has ${bytes.length} bytes and at most ${MAX_TEXT_BYTES} are read; export it again`);
    }
    return utf8.decode(bytes);
  }

  /** Signed integer; 64-bit values beyond ±2⁵³ are rounded to the nearest number. */
  integer(): number {
    this.expect(0);
    return this.reader.readVarint(true);
  }

  float(): number {
    this.expect(5);
    return this.reader.readFloat();
  }

  /** Appends the integers of a repeated field, packed or not. */
  integers(into: number[]): void {
    if (this.reader.type !== 2) {
      into.push(this.integer());
      return;
    }
    const end = this.length() + this.reader.pos;
    while (this.reader.pos < end) into.push(this.reader.readVarint(true));
    if (this.reader.pos !== end) this.cutShort();
  }

  /** Appends the 4-byte floats of a repeated field, packed or not. */
  floats(into: number[]): void {
    if (this.reader.type !== 2) {
      into.push(this.float());
      return;
    }
    const end = this.length() + this.reader.pos;
    while (this.reader.pos < end) into.push(this.reader.readFloat());
    if (this.reader.pos !== end) this.cutShort();
  }

  /** Appends the 8-byte floats of a repeated field, packed or not. */
  doubles(into: number[]): void {
    if (this.reader.type !== 2) {
      this.expect(1);
      into.push(this.reader.readDouble());
      return;
    }
    const end = this.length() + this.reader.pos;
    while (this.reader.pos < end) into.push(this.reader.readDouble());
    if (this.reader.pos !== end) this.cutShort();
  }

  /** Length of the field at the cursor, which fits into its message. */
  private length(): number {
    this.expect(2);
    const length = this.reader.readVarint();
    if (length > this.end - this.reader.pos) this.cutShort();
    return length;
  }

  private expect(type: number): void {
    if (this.reader.type !== type) {
      this.fail(
        `byte ${this.reader.pos} has the wire type ${this.reader.type} where ${type} belongs, so this is no ONNX file; choose another`,
      );
    }
  }

  private cutShort(): never {
    return this.fail(
      `the message at byte ${Math.min(this.reader.pos, this.reader.length)} runs past its end; copy or export the file again`,
    );
  }
}

/** Runs `read` on a cursor over `bytes`; every fault of the bytes is a FileError of `file`. */
export function readWire(bytes: Uint8Array, file: string, read: (wire: Wire) => void): void {
  const fail = failAt(file, '');
  try {
    read(new Wire(bytes, fail));
  } catch (error) {
    if (error instanceof FileError) throw error;
    // pbf itself throws Error for a varint above ten bytes and RangeError for a number beyond the buffer.
    fail('its bytes end inside a number, so it is cut short or no ONNX file; copy or export it again');
  }
}
