// What lies in the files of a LevelDB, old versions too: its logs, and its tables with their blocks unpacked.
const LOG_BLOCK = 32 * 1024;
const LOG_HEAD = 7;
const FOOTER = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const SNAPPY = 1;
const PUT = 1;

/** Every value that was ever put, with its key, in the order of the file. What breaks off in the middle is left out. */
export function entries(path, bytes) {
  if (path.endsWith('.log')) return batches(bytes).flatMap(puts);
  if (/\.(ldb|sst)$/.test(path)) return table(bytes);
  return undefined;
}

/** The writes of a log, put together again from the pieces of its blocks. */
function batches(log) {
  const whole = [];
  let parts = [];
  for (let block = 0; block < log.length; block += LOG_BLOCK) {
    const end = Math.min(block + LOG_BLOCK, log.length);
    for (let at = block; at + LOG_HEAD <= end; ) {
      const length = log.readUInt16LE(at + 4);
      const kind = log[at + 6];
      if (kind === 0 || at + LOG_HEAD + length > end) break;
      if (kind === 1 || kind === 2) parts = [];
      parts.push(log.subarray(at + LOG_HEAD, at + LOG_HEAD + length));
      if (kind === 1 || kind === 4) whole.push(Buffer.concat(parts));
      at += LOG_HEAD + length;
    }
  }
  return whole;
}

function puts(batch) {
  const found = [];
  const read = { bytes: batch, at: 12 };
  while (read.at < batch.length) {
    const kind = batch[read.at];
    read.at += 1;
    const key = take(read, varint(read));
    if (kind === PUT) found.push({ key, value: take(read, varint(read)) });
  }
  return found;
}

function table(bytes) {
  if (bytes.length < FOOTER || !bytes.subarray(-8).equals(MAGIC)) return [];
  const read = { bytes: bytes.subarray(-FOOTER), at: 0 };
  [varint(read), varint(read)];
  const index = block(bytes, varint(read), varint(read));
  return pairs(index).flatMap(({ value }) => {
    const handle = { bytes: value, at: 0 };
    return pairs(block(bytes, varint(handle), varint(handle)));
  });
}

function block(bytes, offset, size) {
  const raw = bytes.subarray(offset, offset + size);
  return bytes[offset + size] === SNAPPY ? unpacked(raw) : raw;
}

/** The entries of a block: each key leaves out what it shares with the one before. */
function pairs(bytes) {
  const end = bytes.length - 4 * (bytes.readUInt32LE(bytes.length - 4) + 1);
  const found = [];
  const read = { bytes, at: 0 };
  let key = Buffer.alloc(0);
  while (read.at < end) {
    const [shared, own, length] = [varint(read), varint(read), varint(read)];
    key = Buffer.concat([key.subarray(0, shared), take(read, own)]);
    found.push({ key, value: take(read, length) });
  }
  return found;
}

/** The snappy format: literals, and copies of what came before. */
function unpacked(bytes) {
  const read = { bytes, at: 0 };
  const out = Buffer.alloc(varint(read));
  let to = 0;
  while (read.at < bytes.length) {
    const tag = bytes[read.at];
    read.at += 1;
    const kind = tag & 3;
    if (kind === 0) {
      let length = tag >> 2;
      if (length >= 60) length = little(take(read, length - 59));
      to += take(read, length + 1).copy(out, to);
      continue;
    }
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const far = kind === 1 ? ((tag >> 5) << 8) | little(take(read, 1)) : little(take(read, kind === 2 ? 2 : 4));
    for (let left = length; left > 0; left -= 1, to += 1) out[to] = out[to - far];
  }
  return out;
}

function little(bytes) {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

function varint(read) {
  let [value, scale, byte] = [0, 1, 0];
  do {
    byte = read.bytes[read.at] ?? 0;
    read.at += 1;
    value += (byte & 127) * scale;
    scale *= 128;
  } while (byte > 127);
  return value;
}

function take(read, length) {
  const part = read.bytes.subarray(read.at, read.at + length);
  read.at += length;
  return part;
}
