// Takes unused bytes out of a program, while everything else keeps its address. Field names are those of elf(5).

const PT_LOAD = 1;
const PT_NOTE = 4;
/** The largest page of the kernels that this runs on: parts of a file are mapped by whole pages. */
const PAGE = 0x10000;

/** Of a 64-bit ELF file: where in its header, program headers and section headers, and how many bytes of. */
const HEADER = { e_phoff: 32, e_shoff: 40, e_phentsize: 54, e_phnum: 56, e_shentsize: 58, e_shnum: 60 };
const SEGMENT = { p_offset: 8, p_vaddr: 16, p_paddr: 24, p_filesz: 32, p_memsz: 40 };
const SECTION = { sh_offset: 24, sh_size: 32 };

/**
 * Makes two segments of the one in which the bytes lie. The second takes the program header of the notes, which only say what
 * the program was built with.
 * @param elf Bytes of a 64-bit little-endian program.
 * @param hole start and end (not included) of the bytes: offsets in the file.
 * @returns The bytes of the shorter program.
 */
export function takeOut(elf, hole) {
  const segments = readTable(elf, 'ph');
  const around = segments.findIndex(
    (segment) =>
      segment.readUInt32LE(0) === PT_LOAD && contains(segment, SEGMENT.p_offset, SEGMENT.p_filesz, hole),
  );
  const note = segments.findIndex((segment) => segment.readUInt32LE(0) === PT_NOTE);
  if (around < 0 || note < 0) throw new Error('elf.mjs: the bytes lie in no segment, or none can be spared');

  // Whole pages, as addresses.
  const before = Buffer.from(segments[around]);
  const toAddress = read(before, SEGMENT.p_vaddr) - read(before, SEGMENT.p_offset);
  const start = Math.ceil((hole.start + toAddress) / PAGE) * PAGE - toAddress;
  const end = Math.floor((hole.end + toAddress) / PAGE) * PAGE - toAddress;
  if (end <= start) return elf;
  const length = end - start;
  const moved = (offset) => (offset >= end ? offset - length : offset);

  const after = Buffer.from(before);
  const head = start - read(before, SEGMENT.p_offset);
  const skipped = head + length;
  for (const size of [SEGMENT.p_filesz, SEGMENT.p_memsz]) {
    write(after, size, read(before, size) - skipped);
    write(before, size, head);
  }
  for (const at of [SEGMENT.p_offset, SEGMENT.p_vaddr, SEGMENT.p_paddr])
    write(after, at, read(after, at) + skipped);
  segments.splice(around, 1, before, after);
  segments.splice(note > around ? note + 1 : note, 1);
  for (const segment of segments) move(segment, SEGMENT.p_offset, moved);

  const sections = readTable(elf, 'sh');
  for (const section of sections) {
    if (contains(section, SECTION.sh_offset, SECTION.sh_size, { start, end }))
      write(section, SECTION.sh_size, start - read(section, SECTION.sh_offset));
    move(section, SECTION.sh_offset, moved);
  }

  const shorter = Buffer.concat([elf.subarray(0, start), elf.subarray(end)]);
  move(shorter, HEADER.e_shoff, moved);
  Buffer.concat(segments).copy(shorter, read(shorter, HEADER.e_phoff));
  Buffer.concat(sections).copy(shorter, read(shorter, HEADER.e_shoff));
  return shorter;
}

const read = (buffer, at) => Number(buffer.readBigUInt64LE(at));
const write = (buffer, at, value) => buffer.writeBigUInt64LE(BigInt(value), at);
const move = (buffer, at, moved) => write(buffer, at, moved(read(buffer, at)));

function contains(entry, offset, size, { start, end }) {
  const first = read(entry, offset);
  return first <= start && end <= first + read(entry, size);
}

/** Copies of a table's entries. @param kind ph, of segments, or sh, of sections. */
function readTable(elf, kind) {
  const size = elf.readUInt16LE(HEADER[`e_${kind}entsize`]);
  const first = read(elf, HEADER[`e_${kind}off`]);
  return Array.from({ length: elf.readUInt16LE(HEADER[`e_${kind}num`]) }, (_, index) =>
    Buffer.from(elf.subarray(first + size * index, first + size * (index + 1))),
  );
}
