/**
 * The memory map of `core.wasm` and `sha256.wasm`; `sha512.wasm` has its own (sha512.ts).
 *
 * Everything has a fixed address, so that loads and stores fold their offsets, and the memory is sized once and never
 * grows while it is used, so that views which JavaScript holds never detach. Addresses are literals on purpose: a test
 * reads the drawing below, the constants after it and the built modules, and fails when they disagree, overlap, or lose
 * their alignment.
 *
 *     address    size      align  region                what lives there
 *     --------------------------------------------------------------------------------------------------------------
 *     0x000000   0x00040   16     SHA256_STATE          two slots of H0..H7, native words (FIPS 180-4, 5.3.3)
 *     0x000040   0x00040   16     SHA256_DIGEST         two finished digests, big-endian bytes
 *     0x000080   0x00040   16     SHA256_SCHEDULE       -(W[t] + K[t]) of the 16 rounds in flight
 *     0x0000c0   0x00080   16     SHA256_TAIL           the last incomplete block and its padding
 *     0x000140   0x00080   16     SHA256_PAIR           H0..H7 of both slots in duplicated lanes
 *     0x0001c0   0x00040   16     STREAM                counters of the stream at hand, see gzip.ts and layer.ts
 *     0x000400   0x00c00   16     STATIC                constants that the compiler places (the K of FIPS 180-4)
 *     0x001000   0x00100   16     LENGTH_SYMBOL         u8[256]: match length - 3 to length symbol - 257
 *     0x001100   0x00040   16     LENGTH_BASE           u16[32]: shortest match length of each length symbol
 *     0x001140   0x00020   16     LENGTH_EXTRA_BITS     u8[32]: extra bits of each length symbol
 *     0x001200   0x00500   16     HISTOGRAM             u32[288 + 32]: litlen and dist symbols of the part being parsed
 *     0x001700   0x00500   16     BLOCK_HISTOGRAM       u32[288 + 32]: the same, of the open block
 *     0x001c00   0x00140   16     CODE_LENGTHS          u8[288 + 32]: the dynamic code of the open block
 *     0x001d40   0x00140   16     FIXED_CODE_LENGTHS    u8[288 + 32]: the fixed code (RFC 1951, 3.2.6)
 *     0x001e80   0x00500   16     CODEWORDS             u32[288 + 32]: bit-reversed codewords of the block being written
 *     0x002380   0x01040   16     FIRST_HALF            u64[520]: what the first half of a token writes, see tokens.ts
 *     0x003400   0x00050   16     PRECODE_HISTOGRAM     u32[20]
 *     0x003450   0x00020   16     PRECODE_LENGTHS       u8[32]
 *     0x003470   0x00050   16     PRECODE_CODEWORDS     u32[20]
 *     0x0034c0   0x00280   16     PRECODE_ITEMS         u16[320]: run-length coded code lengths
 *     0x003740   0x00900   16     HUFFMAN_KEYS          u32[2][288]: symbols sorted by frequency; tree under construction
 *     0x004040   0x00140   16     HUFFMAN_COUNTS        u32[80]: radix sort counters, codeword counts
 *     0x005000   0x04004   16     ENTROPY               u32[4097]: n log2 n
 *     0x00a000   0x04000   16     CRC32_TABLES          u32[16][256]: slicing by 16
 *     0x00e000   0x05000   16     CRC32_FOLD            working room of the sparse folding
 *     0x013000   0x01000   16     SECOND_HALF           u64[512]: what the second half of a token writes
 *     0x014000   0x50000   64     MATCH_TABLES          what the match finder at hand remembers; each divides it its own way
 *     0x064000   0x95000   64     TOKENS                u32[152576]: the open block, parsed; at worst a token for each byte
 *     0x0f9000   0x08000   64     WINDOW                the 32 KiB before the segment
 *     0x101000   0x40000   64     SEGMENT               the segment at hand: JavaScript copies the input here
 *     0x141000   0x00400   64     SEGMENT_SLACK         zeros: match probes read past the end of the segment
 *     0x141400   0x00040   64     OUTPUT_CARRY          output not yet hashed, moved before the output that follows
 *     0x141440   0x51000   64     OUTPUT                compressed bytes, until JavaScript has taken them
 *     0x192440                    MEMORY_END
 *
 * Levels 10 to 12 have more, in instances whose memory is grown before it is used (deflate/levels.ts). It begins at
 * 2 MiB whatever stands before it; what lies between is never touched:
 *
 *     address    size      align  region                what lives there
 *     --------------------------------------------------------------------------------------------------------------
 *     0x200000   0x400400  64     MATCHES               u32[1048832]: all matches of the segment, deflate/optimal-matches.ts
 *     0x600400   0x40000   64     MATCH_COUNTS          u8[262144]: how many of them each position has
 *     0x640400   0x100004  64     COSTS                 u32[262145]: what the way to the end costs from each position
 *     0x740440   0x100000  64     CHOICES               u32[262144]: the first step of it
 *     0x840440   0x80000   64     SEGMENT_TREE          u32[65536][2]: binary trees of positions, two branches each
 *     0x8c0440   0x40000   64     SEGMENT_TRIPLES       u32[65536]: the latest position of each three bytes
 *     0x900440   0x50000   64     PART_SYMBOLS          u32[256][320]: symbols of each part, deflate/optimal-parts.ts
 *     0x950440   0x00400   64     PART_SYMBOL_COUNTS    u32[256]: how many different ones
 *     0x950840   0x00400   64     PART_EXTRA_BITS       u32[256]: extra bits of their lengths and distances
 *     0x950c40   0x00a00   64     OPEN_SYMBOLS          u32[320][2]: frequency in the open block, and n log2 n of it
 *     0x951640   0x00404   64     SPLIT_COSTS           u32[257]: what the first parts cost in the best blocks
 *     0x951a80   0x00404   64     SPLIT_STARTS          u32[257]: with which part the last of these begins
 *     0x951ec0   0x00400   64     BLOCK_ENDS            u32[256]: which part follows each block
 *     0x9522c0   0x00400   64     LITERAL_COSTS         u32[256]: keys, deflate/optimal-costs.ts
 *     0x9526c0   0x0040c   64     LENGTH_KEYS           u32[259]: by length; the first three are not used
 *     0x952b00   0x00080   64     DIST_COSTS            u32[32]: by dist symbol
 *     0x952b80                    OPTIMAL_MEMORY_END
 *
 * The addresses of WINDOW and SEGMENT are part of the format, modulo 64 KiB: positions in MATCH_TABLES are addresses, and an
 * entry that is still 0 stands for one (deflate/FORMAT.md).
 *
 * `sha256.wasm` has the regions up to STATIC, and its own input region from 0x1000 on (sha256-module.ts).
 */

export const SHA256_STATE: usize = 0x000000;
export const SHA256_DIGEST: usize = 0x000040;
export const SHA256_SCHEDULE: usize = 0x000080;
export const SHA256_TAIL: usize = 0x0000c0;
export const SHA256_PAIR: usize = 0x000140;
export const STREAM: usize = 0x0001c0;
export const STATIC: usize = 0x000400;
export const LENGTH_SYMBOL: usize = 0x001000;
export const LENGTH_BASE: usize = 0x001100;
export const LENGTH_EXTRA_BITS: usize = 0x001140;
export const HISTOGRAM: usize = 0x001200;
export const BLOCK_HISTOGRAM: usize = 0x001700;
export const CODE_LENGTHS: usize = 0x001c00;
export const FIXED_CODE_LENGTHS: usize = 0x001d40;
export const CODEWORDS: usize = 0x001e80;
export const FIRST_HALF: usize = 0x002380;
export const PRECODE_HISTOGRAM: usize = 0x003400;
export const PRECODE_LENGTHS: usize = 0x003450;
export const PRECODE_CODEWORDS: usize = 0x003470;
export const PRECODE_ITEMS: usize = 0x0034c0;
export const HUFFMAN_KEYS: usize = 0x003740;
export const HUFFMAN_COUNTS: usize = 0x004040;
export const ENTROPY: usize = 0x005000;
export const CRC32_TABLES: usize = 0x00a000;
export const CRC32_FOLD: usize = 0x00e000;
export const SECOND_HALF: usize = 0x013000;
export const MATCH_TABLES: usize = 0x014000;
export const TOKENS: usize = 0x064000;
export const WINDOW: usize = 0x0f9000;
export const SEGMENT: usize = 0x101000;
export const SEGMENT_SLACK: usize = 0x141000;
export const OUTPUT_CARRY: usize = 0x141400;
export const OUTPUT: usize = 0x141440;
export const MEMORY_END: usize = 0x192440;

export const MATCHES: usize = 0x200000;
export const MATCH_COUNTS: usize = 0x600400;
export const COSTS: usize = 0x640400;
export const CHOICES: usize = 0x740440;
export const SEGMENT_TREE: usize = 0x840440;
export const SEGMENT_TRIPLES: usize = 0x8c0440;
export const PART_SYMBOLS: usize = 0x900440;
export const PART_SYMBOL_COUNTS: usize = 0x950440;
export const PART_EXTRA_BITS: usize = 0x950840;
export const OPEN_SYMBOLS: usize = 0x950c40;
export const SPLIT_COSTS: usize = 0x951640;
export const SPLIT_STARTS: usize = 0x951a80;
export const BLOCK_ENDS: usize = 0x951ec0;
export const LITERAL_COSTS: usize = 0x9522c0;
export const LENGTH_KEYS: usize = 0x9526c0;
export const DIST_COSTS: usize = 0x952b00;
export const OPTIMAL_MEMORY_END: usize = 0x952b80;

/** DEFLATE distances reach at most this many bytes back (RFC 1951, 2). */
export const WINDOW_SIZE: usize = 0x8000;

/**
 * The inflater's map. An instance serves one stream at a time, so what inflates lies over what compresses, from
 * the match finder's tables on; the hashes, the CRC's tables and the constants below serve both. Nothing here outlives
 * the stream: `inflateReset` makes the constant tables anew.
 *
 *     address    size      align  region                what lives there
 *     --------------------------------------------------------------------------------------------------------------
 *     0x014000   0x00100   64     INFLATE_STATE         where the inflater stands, see inflate/state.ts
 *     0x014100   0x00100   16     COPY_PATTERNS         u8[16][16]: byte i of a repetition, by distance
 *     0x014200   0x00010   16     COPY_STRIDES          u8[16]: the most whole periods that a vector holds, in bytes
 *     0x014210   0x00040   16     LENGTH_COUNTS         u32[16]: codewords of each length
 *     0x014250   0x00040   16     LENGTH_OFFSETS        u32[16]: where their symbols begin among the sorted
 *     0x014290   0x00240   16     SORTED_SYMBOLS        u16[288]: symbols by length of codeword
 *     0x0144d0   0x00020   16     READ_PRECODE_LENGTHS  u8[32]: the precode of the block at hand
 *     0x0144f0   0x00140   16     READ_CODE_LENGTHS     u8[320]: its code lengths, litlen and dist
 *     0x0146d0   0x00480   16     LITLEN_TEMPLATES      u32[288]: a symbol's entry but for its codeword
 *     0x014b50   0x00080   16     DIST_TEMPLATES        u32[32]
 *     0x014bd0   0x00050   16     PRECODE_TEMPLATES     u32[20]
 *     0x014c20   0x00200   16     PRECODE_TABLE         u32[128]
 *     0x014e20   0x02498   16     LITLEN_TABLE          u32[2342]: see inflate/tables.ts
 *     0x0172c0   0x00648   16     DIST_TABLE            u32[402]
 *     0x017940   0x00040   64     COMPRESSED_CARRY      input not yet hashed, moved before the input that follows
 *     0x017980   0x08000   64     COMPRESSED            JavaScript copies the input here
 *     0x01f980   0x08000   64     HISTORY               the 32 KiB of output before
 *     0x027980   0x20000   64     INFLATED              output, until JavaScript has taken it
 *     0x047980   0x00900   64     INFLATED_SLACK        symbols under way, copies in whole vectors
 *     0x048280                    INFLATE_END
 */

export const INFLATE_STATE: usize = 0x014000;
export const COPY_PATTERNS: usize = 0x014100;
export const COPY_STRIDES: usize = 0x014200;
export const LENGTH_COUNTS: usize = 0x014210;
export const LENGTH_OFFSETS: usize = 0x014250;
export const SORTED_SYMBOLS: usize = 0x014290;
export const READ_PRECODE_LENGTHS: usize = 0x0144d0;
export const READ_CODE_LENGTHS: usize = 0x0144f0;
export const LITLEN_TEMPLATES: usize = 0x0146d0;
export const DIST_TEMPLATES: usize = 0x014b50;
export const PRECODE_TEMPLATES: usize = 0x014bd0;
export const PRECODE_TABLE: usize = 0x014c20;
export const LITLEN_TABLE: usize = 0x014e20;
export const DIST_TABLE: usize = 0x0172c0;
export const COMPRESSED_CARRY: usize = 0x017940;
export const COMPRESSED: usize = 0x017980;
export const HISTORY: usize = 0x01f980;
export const INFLATED: usize = 0x027980;
export const INFLATED_SLACK: usize = 0x047980;
export const INFLATE_END: usize = 0x048280;
