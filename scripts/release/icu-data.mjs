// ICU's data inside Node's program: a table of contents and some 4,000 items, half of their bytes those of languages that nobody reads here.

/** Of the table of contents, by ICU's source/common/ucmndata.h: a count, then for each item where its name and its data are. */
const ENTRY = 8;
/** ICU reads some items as arrays of wide numbers. */
const ALIGNMENT = 16;

/** A language's item, lang/pt_BR.res or de.res, and not an index of them or what all share: res_index.res, pool.res, metadata.res. */
const LANGUAGE = /(?:^|\/)(?!res_index\.)(?!en[._])[a-z]{2,3}(?:_\w*)?\.res$/;

/**
 * Writes the data anew without its languages other than English: where one of these is asked for, ICU has its form for any language.
 * @param program Bytes of Node's program; changed in place.
 * @returns Where bytes are that nothing refers to any more: from start to before end.
 */
export function dropLanguages(program) {
  const contents = findContents(program);
  const items = readItems(program, contents);
  const kept = items.slice(0, -1).filter(({ name }) => !LANGUAGE.test(name.replace(/^[^/]+\//, '')));
  // Where the last one ends is not written anywhere. It is a language's, zone/zu.res.
  if (kept.length < 100 || kept.length === items.length - 1 || !LANGUAGE.test(items.at(-1).name))
    throw new Error('the ICU data in Node is ordered otherwise than icu-data.mjs knows it');

  const names = Buffer.from(kept.map(({ name }) => `${name}\0`).join(''), 'latin1');
  const table = Buffer.alloc(4 + ENTRY * kept.length);
  table.writeUInt32LE(kept.length, 0);
  const parts = [table, names];
  let size = table.length + names.length;
  let nameAt = table.length;
  for (const [index, { name, data }] of kept.entries()) {
    const gap = -size & (ALIGNMENT - 1);
    table.writeUInt32LE(nameAt, 4 + ENTRY * index);
    table.writeUInt32LE(size + gap, 8 + ENTRY * index);
    parts.push(Buffer.alloc(gap), data);
    size += gap + data.length;
    nameAt += name.length + 1;
  }
  const end = contents + items.at(-1).offset;
  Buffer.concat(parts).copy(program, contents);
  program.fill(0, contents + size, end);
  return { start: contents + size, end };
}

/** Offset of the table of contents, which follows the header that is marked as one of ICU's common data. */
function findContents(program) {
  const found = [];
  for (let at = program.indexOf('CmnD'); at >= 0; at = program.indexOf('CmnD', at + 1)) {
    const header = at - 12;
    if (program.readUInt16BE(header + 2) === 0xda27) found.push(header + program.readUInt16LE(header));
  }
  if (found.length !== 1) throw new Error(`Node has ${found.length} parts that look like ICU's data`);
  return found[0];
}

function readItems(program, contents) {
  const count = program.readUInt32LE(contents);
  const items = Array.from({ length: count }, (_, index) => {
    const name = contents + program.readUInt32LE(contents + 4 + ENTRY * index);
    return {
      name: program.toString('latin1', name, program.indexOf(0, name)),
      offset: program.readUInt32LE(contents + 8 + ENTRY * index),
    };
  });
  return items.map((item, index) => ({
    ...item,
    data: Buffer.from(program.subarray(contents + item.offset, contents + items[index + 1]?.offset)),
  }));
}
