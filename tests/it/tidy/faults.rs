//! The table of faults: every fault of the list has its test, and every such test its row.

use super::sources;

/// The rows of the table of faults: numbers and modules.
fn faults(text: &str) -> Vec<(usize, Vec<String>)> {
    let lines = text.lines().skip_while(|line| *line != "//! ```text").skip(1);
    let rows = lines.take_while(|line| *line != "//! ```");
    rows.map(|row| {
        let row = row.trim_start_matches("//!");
        let number = row[..4].trim().parse().unwrap_or_else(|_| panic!("no number: {row}"));
        (number, row[34..].split_whitespace().map(str::to_owned).collect())
    })
    .collect()
}

/// Faults without a row, and rows whose modules have no test of that number.
fn fault_violations(table: &str, tests: &[(String, String)]) -> Vec<String> {
    let rows = faults(table);
    let mut wrong = Vec::new();
    let numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    if !numbers.iter().copied().take(55).eq(1..=55) || !numbers.is_sorted_by(|a, b| a < b) {
        wrong.push("the table does not count from 1 to 55 and on".to_owned());
    }
    for (path, text) in tests {
        let module = path.trim_start_matches("tests/it/").trim_end_matches(".rs");
        for (number, modules) in &rows {
            let has = text.contains(&format!("\nfn fault_{number:02}_"));
            let listed = modules.iter().any(|listed| listed == module);
            if has != listed {
                wrong.push(format!("fault {number}: {module}: listed {listed}, there {has}"));
            }
        }
    }
    for (number, modules) in &rows {
        let is_there = |module: &String| {
            tests.iter().any(|(path, _)| *path == format!("tests/it/{module}.rs"))
        };
        if modules.is_empty() || !modules.iter().all(is_there) {
            wrong.push(format!("fault {number}: {modules:?} are not modules"));
        }
    }
    wrong
}

#[test]
fn every_fault_of_the_list_has_its_test() {
    let tests = sources("tests/it", "rs");
    let table = &tests.iter().find(|(path, _)| path == "tests/it/faults.rs").unwrap().1;
    let wrong = fault_violations(table, &tests);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fault_without_a_test_is_seen() {
    let table: String = (1..=55).map(|number| format!("//! {number:2} {:<30} a\n", "x")).collect();
    let table = format!("//! Head.\n//! ```text\n{table}//! ```\n");
    let tests = |except: usize| {
        let numbers = (1..=55).filter(|number| *number != except);
        let text: String =
            numbers.map(|n| format!("#[test]\nfn fault_{n:02}_x() {{}}\n")).collect();
        [("tests/it/a.rs".to_owned(), text)]
    };
    assert_eq!(fault_violations(&table, &tests(0)), [""; 0]);
    assert_eq!(fault_violations(&table, &tests(7)).len(), 1);
    assert_eq!(fault_violations(&table.replace(" 9 x", " 8 x"), &tests(0)).len(), 1);
    let more = |rows: &str| table.replace("//! ```\n", &format!("{rows}//! ```\n"));
    let row = |number: usize| format!("//! {number:2} {:<30} a\n", "x");
    let tests = |numbers: &[usize]| {
        let more: String =
            numbers.iter().map(|n| format!("\nfn fault_{n:02}_x() {{}}\n")).collect();
        [("tests/it/a.rs".to_owned(), tests(0)[0].1.clone() + &more)]
    };
    assert_eq!(fault_violations(&more(&(row(58) + &row(71))), &tests(&[58, 71])), [""; 0]);
    assert_eq!(fault_violations(&more(&(row(71) + &row(58))), &tests(&[58, 71])).len(), 1);
}
