//! The samples and findings of the fuzz targets, replayed: `tests/it/corpus/<target>/…`.

use std::fs;
use std::path::Path;

use crate::checks;
use crate::pinx::files_below;

#[test]
fn every_sample_and_every_finding_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/corpus");
    for (target, check) in checks::ALL {
        let files = files_below(&corpus.join(target));
        assert!(files.len() >= 3, "{target} has only {} samples", files.len());
        for path in files {
            eprintln!("{}", path.display());
            check(&fs::read(&path).unwrap());
        }
    }
}
