//! Forms that a fake was sent.

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    /// What a file is called; none for text.
    pub filename: Option<String>,
    pub media_type: Option<String>,
    pub bytes: Vec<u8>,
}

/// The fields of a multipart body in their order, read strictly; none of another body.
pub fn read(content_type: Option<&str>, body: &[u8]) -> Vec<Field> {
    let boundary = content_type.and_then(|it| it.strip_prefix("multipart/form-data; boundary="));
    let Some(boundary) = boundary else { return Vec::new() };
    let (first, between) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
    let mut rest = body.strip_prefix(first.as_bytes()).expect("a form opens with its boundary");
    let mut fields = Vec::new();
    loop {
        let (head, behind) = cut(rest, b"\r\n\r\n");
        let (bytes, behind) = cut(behind, between.as_bytes());
        fields.push(field(std::str::from_utf8(head).unwrap(), bytes));
        match behind.strip_prefix(b"\r\n") {
            Some(next) => rest = next,
            None => {
                assert_eq!(behind, b"--\r\n", "a form ends with its boundary");
                return fields;
            }
        }
    }
}

fn cut<'b>(bytes: &'b [u8], at: &[u8]) -> (&'b [u8], &'b [u8]) {
    let place = bytes.windows(at.len()).position(|window| window == at).expect("a whole form");
    (&bytes[..place], &bytes[place + at.len()..])
}

fn field(head: &str, bytes: &[u8]) -> Field {
    let value = |header: &str| {
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.find(|(name, _)| name.eq_ignore_ascii_case(header)).map(|(_, value)| value)
    };
    let disposition = value("content-disposition").unwrap();
    let word = |key: &str| {
        let (_, rest) = disposition.split_once(&format!("; {key}=\""))?;
        rest.split_once('"').map(|(word, _)| word.to_owned())
    };
    Field {
        name: word("name").unwrap(),
        filename: word("filename"),
        media_type: value("content-type").map(str::to_owned),
        bytes: bytes.to_vec(),
    }
}
