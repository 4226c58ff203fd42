//! What happened in a course, as lines where they are wanted, and as one number (FNV-1a).

/// What happened.
pub(super) struct Trace {
    pub(super) lines: Option<Vec<String>>,
    pub(super) hash: u64,
    pub(super) count: u64,
}

impl Trace {
    /// Of nothing yet; the lines are kept where they are wanted.
    pub(super) fn new(has_lines: bool) -> Trace {
        Trace { lines: has_lines.then(Vec::new), hash: 0xcbf2_9ce4_8422_2325, count: 0 }
    }

    /// One more thing happened.
    pub(super) fn note(&mut self, line: &str) {
        self.count += 1;
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(line.to_owned());
        }
    }
}
