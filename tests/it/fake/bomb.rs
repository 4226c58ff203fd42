//! Small images that would cost many times their length to look at.

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compress, Compression, FlushCompress};

use super::image;

/// Zeros of so many MiB, packed with zlib: about a kilobyte for each.
pub fn packed(mebibytes: usize) -> Vec<u8> {
    let mut mebibyte = Vec::with_capacity(64 * 1024);
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(&vec![0; 1 << 20], &mut mebibyte, FlushCompress::Sync).unwrap();
    let mut end = DeflateEncoder::new(Vec::new(), Compression::fast());
    end.write_all(b"").unwrap();
    // Of zeros, the checksum's upper half counts them and its lower half is one.
    let count = (mebibytes << 20) % 65_521;
    let checksum = ((count as u32) << 16) | 1;
    [&b"\x78\xda"[..], &mebibyte.repeat(mebibytes), &end.finish().unwrap(), &checksum.to_be_bytes()]
        .concat()
}

/// A chunk of a PNG.
pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat()
}

/// A PNG with chunks of this kind and content right after its header.
pub fn png_with(kind: &[u8; 4], data: &[u8], times: usize) -> Vec<u8> {
    let mut bytes = image::bytes(64, 64, "png").to_vec();
    bytes.splice(33..33, chunk(kind, data).repeat(times));
    bytes
}

/// A PNG of 64x64 pixels and a megabyte with a colour profile of a gigabyte in it.
pub fn profile() -> Vec<u8> {
    png_with(b"iCCP", &[b"profile\0\0", &packed(1024)[..]].concat(), 1)
}

/// A PNG of one colour: bits for each pixel's channel, its colour type, interlaced or not.
pub fn plain_png(width: u32, height: u32, (bits, kind): (u8, u8), interlaced: bool) -> Vec<u8> {
    let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(kind)];
    let line = |width: usize| (width * channels * usize::from(bits)).div_ceil(8);
    let (wide, high) = (width as usize, height as usize);
    // x and y of the first pixel, then the steps from one to the next (PNG, section 8.1).
    let passes: &[[usize; 4]] = match interlaced {
        true => &[
            [0, 0, 8, 8],
            [4, 0, 8, 8],
            [0, 4, 4, 8],
            [2, 0, 4, 4],
            [0, 2, 2, 4],
            [1, 0, 2, 2],
            [0, 1, 1, 2],
        ],
        false => &[[0, 0, 1, 1]],
    };
    let steps =
        |length: usize, from: usize, step: usize| length.saturating_sub(from).div_ceil(step);
    let raw = passes.iter().map(|[x, y, across, down]| {
        let (columns, rows) = (steps(wide, *x, *across), steps(high, *y, *down));
        if columns == 0 { 0 } else { rows * (1 + line(columns)) }
    });
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![0; raw.sum()]).unwrap();
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[bits, kind, 0, 0, u8::from(interlaced)],
    ];
    let chunks = [
        chunk(b"IHDR", &header.concat()),
        chunk(b"IDAT", &encoder.finish().unwrap()),
        chunk(b"IEND", b""),
    ];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

/// A PNG that claims a size it has no pixels for.
pub fn hollow_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = plain_png(8, 8, (8, 6), false);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32fast::hash(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&checksum);
    bytes
}

/// A JPEG with many segments in front, as profiles and EXIF data are split.
pub fn jpeg_with(label: &[u8], marker: u8, segments: usize) -> Vec<u8> {
    let mut bytes = image::bytes(64, 64, "jpeg").to_vec();
    let mut added = Vec::new();
    for number in 1..=segments {
        let mut data = label.to_vec();
        if marker == 0xe2 {
            data.extend([number as u8, segments as u8]);
        }
        data.resize(65_000, 0);
        added.extend([0xff, marker]);
        added.extend((data.len() as u16 + 2).to_be_bytes());
        added.extend(data);
    }
    bytes.splice(2..2, added);
    bytes
}

/// A JPEG that claims a size it has no pixels for.
pub fn hollow_jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = image::bytes(64, 64, "jpeg").to_vec();
    let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

/// A chunk of a WebP.
fn riff(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let padding = &[0][..data.len() & 1];
    [kind, &(data.len() as u32).to_le_bytes()[..], data, padding].concat()
}

/// A WebP of these chunks behind a head with these flags and edges.
fn webp(flags: u8, (width, height): (u32, u32), chunks: &[Vec<u8>]) -> Vec<u8> {
    let edge = |edge: u32| (edge - 1).to_le_bytes()[..3].to_vec();
    let head = [vec![flags, 0, 0, 0], edge(width), edge(height)].concat();
    let body = [b"WEBP".to_vec(), riff(b"VP8X", &head), chunks.concat()].concat();
    riff(b"RIFF", &body)
}

/// The picture of a WebP: its one chunk.
fn pixels() -> Vec<u8> {
    image::bytes(64, 64, "webp")[12..].to_vec()
}

/// A WebP with a profile or EXIF data of a megabyte.
pub fn webp_with(kind: &[u8; 4]) -> Vec<u8> {
    let flags = if kind == b"ICCP" { 0x20 } else { 0x08 };
    let extra = riff(kind, &vec![0; 1 << 20]);
    let chunks = if kind == b"ICCP" { [extra, pixels()] } else { [pixels(), extra] };
    webp(flags, (64, 64), &chunks)
}

/// A lossy frame that claims a size it has no pixels for.
fn frame(width: u16, height: u16) -> Vec<u8> {
    let [w0, w1] = width.to_le_bytes();
    let [h0, h1] = height.to_le_bytes();
    // A shown key frame whose first part has so many bytes; zeros are good for many blocks.
    let [t0, t1, t2, _] = (0x10_u32 | (300_000 << 5)).to_le_bytes();
    let head = [t0, t1, t2, 0x9d, 0x01, 0x2a, w0, w1, h0, h1];
    let data = [&head[..], &vec![0; 900_000]].concat();
    riff(b"VP8 ", &data)
}

/// A WebP of 64x64 pixels around a picture of 16383x16383, alone or as the frame of an animation.
pub fn webp_in_webp(animated: bool) -> Vec<u8> {
    if !animated {
        return webp(0, (64, 64), &[frame(16_383, 16_383)]);
    }
    let head = [0, 0, 0, 0, 0, 0, 63, 0, 0, 63, 0, 0, 1, 0, 0, 0];
    let inner = [&head[..], &frame(16_383, 16_383)].concat();
    webp(0x02, (64, 64), &[riff(b"ANIM", &[0; 6]), riff(b"ANMF", &inner)])
}

/// An animation of many frames.
pub fn animation(frames: usize) -> Vec<u8> {
    let head = [0, 0, 0, 0, 0, 0, 63, 0, 0, 63, 0, 0, 1, 0, 0, 0];
    let frame = riff(b"ANMF", &[&head[..], &pixels()].concat());
    webp(0x02, (64, 64), &[riff(b"ANIM", &[0; 6]), frame.repeat(frames)])
}
